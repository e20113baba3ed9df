import Foundation

@testable import Tokenization

/// A byte-level vocabulary with all 256 bytes and a few dozen merges, trained by counting pairs.
enum Merged {
    static let texts = [
        "the theme of these thesaurus entries", "I'll say it's 12345 o'clock, don't you?  \n\n  Yes\r\n",
        "생각하다 생각",
        "cafe\u{301} café \u{17F}", "tabs\t\tand   spaces   ", "naïve 😀😀 x²+y²=½", "THE'S we'VE \u{2019}s",
        "a\u{A0}b",
        "<|endoftext|>the<think>the</think>", " \n the", "\n\n\n", "   ", "", "1 2 3\n4",
    ]

    static let configuration = Array(
        """
        {"tokenizer_class": "Qwen2Tokenizer", "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>",
         "unk_token": null, "bos_token": null, "clean_up_tokenization_spaces": false}
        """.utf8)

    static func json(pairsAsText: Bool = false) throws -> [UInt8] {
        var words = texts.flatMap { text -> [[String]] in
            let scalars = Array(text.unicodeScalars)
            return SplitPattern.qwen2.pieces(of: scalars).map { piece in
                String(String.UnicodeScalarView(scalars[piece])).utf8.map {
                    String(ByteAlphabet.character(of: $0))
                }
            }
        }
        var tokens = (UInt8.min...255).map { String(ByteAlphabet.character(of: $0)) }
        var merges: [[String]] = []
        for _ in 0..<60 {
            var counts: [[String]: Int] = [:]
            for word in words {
                for pair in zip(word, word.dropFirst()) { counts[[pair.0, pair.1], default: 0] += 1 }
            }
            let best = counts.filter { !tokens.contains($0.key.joined()) }
                .max { ($0.value, $1.key.joined()) < ($1.value, $0.key.joined()) }
            guard let pair = best?.key else { break }
            tokens.append(pair.joined())
            merges.append(pair)
            words = words.map { merge(pair, in: $0) }
        }
        let vocabulary = Dictionary(uniqueKeysWithValues: tokens.enumerated().map { ($1, $0) })
        let added: [[String: Any]] = [("<|endoftext|>", true), ("<think>", false), ("</think>", false)]
            .enumerated().map { index, token in
                [
                    "id": tokens.count + index, "content": token.0, "special": token.1, "normalized": false,
                    "lstrip": false, "rstrip": false, "single_word": false,
                ]
            }
        let byteLevel: [String: Any] = [
            "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false,
        ]
        let file: [String: Any] = [
            "version": "1.0", "added_tokens": added, "normalizer": ["type": "NFC"],
            "pre_tokenizer": [
                "type": "Sequence",
                "pretokenizers": [
                    [
                        "type": "Split", "pattern": ["Regex": SplitPattern.qwen2Expression],
                        "behavior": "Isolated",
                        "invert": false,
                    ], byteLevel,
                ] as [[String: Any]],
            ] as [String: Any],
            "post_processor": byteLevel, "decoder": byteLevel,
            "model": [
                "type": "BPE", "vocab": vocabulary, "continuing_subword_prefix": "", "end_of_word_suffix": "",
                "fuse_unk": false, "byte_fallback": false,
                "merges": pairsAsText ? merges.map { $0.joined(separator: " ") } as [Any] : merges as [Any],
            ] as [String: Any],
        ]
        return Array(try JSONSerialization.data(withJSONObject: file))
    }

    private static func merge(_ pair: [String], in word: [String]) -> [String] {
        var result: [String] = []
        for token in word {
            if result.last == pair[0], token == pair[1] {
                result[result.count - 1] += token
            } else {
                result.append(token)
            }
        }
        return result
    }
}
