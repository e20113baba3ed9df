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

    static func configuration(of tokenizer: String) -> [UInt8] {
        Array(
            """
            {"tokenizer_class": "\(tokenizer)", "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>",
             "unk_token": null, "bos_token": null, "clean_up_tokenization_spaces": false}
            """.utf8)
    }

    /// Texts of a few hundred seeds, made of what the splitting expressions tell apart.
    static let randomTexts: [String] = {
        let parts = [
            "a", "the", "B", "'s", "'LL", "'r", "\u{17F}", "'\u{17F}", " ", "  ", "\n", "\r", "\r\n", "\t",
            "1", "42", "½", "é",
            "e\u{301}", "생각", "😀", "\u{A0}", "\u{3000}", "\u{2028}", "\u{85}", "'", "_", "-", "!?",
            "\u{200D}", "\u{1160}", "<think>",
        ]
        var state: UInt64 = 1
        return (0..<300).map { _ in
            (0..<12).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return parts[Int(state >> 33) % parts.count]
            }.joined()
        }
    }()

    static func json(pattern: SplitPattern? = .qwen2, pairsAsText: Bool = false) throws -> [UInt8] {
        var words = texts.flatMap { text -> [[String]] in
            let utf8 = Array(text.utf8)
            return (pattern?.pieces(of: utf8) ?? [utf8.indices]).map { piece in
                utf8[piece].map { String(ByteAlphabet.character(of: $0)) }
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
                .max { ($0.value, $1.key[0], $1.key[1]) < ($1.value, $0.key[0], $0.key[1]) }
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
        var preTokenizer = byteLevel
        if pattern == .gpt2 {
            preTokenizer["use_regex"] = true
        } else if let pattern {
            let split: [String: Any] = [
                "type": "Split", "pattern": ["Regex": pattern.expression], "behavior": "Isolated",
                "invert": false,
            ]
            preTokenizer = ["type": "Sequence", "pretokenizers": [split, byteLevel]]
        }
        let model: [String: Any] = [
            "type": "BPE", "vocab": vocabulary, "continuing_subword_prefix": "", "end_of_word_suffix": "",
            "fuse_unk": false, "byte_fallback": false,
            "merges": pairsAsText ? merges.map { $0.joined(separator: " ") } as [Any] : merges as [Any],
        ]
        let file: [String: Any] = [
            "version": "1.0", "added_tokens": added, "pre_tokenizer": preTokenizer,
            "normalizer": pattern == .qwen2 ? ["type": "NFC"] as Any : NSNull(), "post_processor": byteLevel,
            "decoder": byteLevel, "model": model,
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
