/// How a text is cut before byte pairs are merged: the steps of a file's `pre_tokenizer`, in order.
///
/// Each step cuts the pieces of the step before. The last step of a file is `ByteLevel`, which turns
/// characters into bytes; here the text is bytes from the beginning.
struct PreTokenization: Sendable {
    enum Step: Sendable, Hashable {
        case split(SplitPattern)
        /// Separates numbers from the rest, as runs or digit by digit.
        case digits(individual: Bool)
        /// Puts a space before every piece that does not begin with one when the step is reached.
        case prefixSpace
    }

    let steps: [Step]

    /// Calls `body` with each piece: a text and a range of its bytes, which is never empty.
    func forEachPiece(of text: [UInt8], in range: Range<Int>, _ body: ([UInt8], Range<Int>) -> Void) {
        apply(0, to: text, range, body)
    }

    private func apply(
        _ index: Int, to text: [UInt8], _ range: Range<Int>, _ body: ([UInt8], Range<Int>) -> Void
    ) {
        guard index < steps.count else { return body(text, range) }
        let isLast = index + 1 == steps.count
        switch steps[index] {
        case .split(let pattern):
            pattern.forEachPiece(of: text, in: range) { piece in
                if isLast { body(text, piece) } else { apply(index + 1, to: text, piece, body) }
            }
        case .digits(let individual):
            cutDigits(of: text, in: range, individual: individual) { piece in
                apply(index + 1, to: text, piece, body)
            }
        case .prefixSpace where text[range.lowerBound] != UInt8(ascii: " "):
            let longer = [UInt8(ascii: " ")] + text[range]
            apply(index + 1, to: longer, longer.indices, body)
        case .prefixSpace:
            apply(index + 1, to: text, range, body)
        }
    }

    private func cutDigits(
        of text: [UInt8], in range: Range<Int>, individual: Bool, _ body: (Range<Int>) -> Void
    ) {
        let classes = CharacterClasses.shared
        var start = range.lowerBound
        var place = start
        var wasDigit = false
        while place < range.upperBound {
            let (scalar, next) = text.scalar(at: place)
            let isDigit = classes.isNumeric(scalar)
            if place > start, isDigit != wasDigit || isDigit && individual {
                body(start..<place)
                start = place
            }
            wasDigit = isDigit
            place = next
        }
        if start < place { body(start..<place) }
    }
}
