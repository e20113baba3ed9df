/// A response and everything that stands before it, as token ids, and the tokens whose probability is asked.
package struct PromptedResponse: Sendable, Hashable {
    package let prompt: [Int32]
    package let response: [Int32]
    /// The places in the response of the tokens whose probability is asked, in their order.
    package let targets: [Range<Int>]

    /// - Parameter targets: nil for the whole response.
    package init(prompt: [Int32], response: [Int32], targets: [Range<Int>]? = nil) {
        self.prompt = prompt
        self.response = response
        self.targets = targets ?? [response.indices]
    }
}
