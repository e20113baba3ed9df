import BuiltInVerifiers
import Foundation
import StrictConfiguration
import Testing

@testable import Reasoning

struct ScorerTests {
    private let right = "<think>17*3=51</think>51"
    private let wrong = "<think>17*3=51</think>52"
    private let blurted = "51"
    private let untagged = "17*3=51 so 51"

    private func scorer(_ mode: RewardRule.Mode) throws -> Scorer {
        Scorer(tags: .think, verifier: NumberVerifier(), rule: try RewardRule { $0.mode = mode })
    }

    private func totals(_ mode: RewardRule.Mode) throws -> [Double] {
        let scorer = try scorer(mode)
        return [right, wrong, blurted, untagged].map {
            scorer.score(response: $0, finished: true, expected: "51").total
        }
    }

    @Test func `each mode gives its rewards`() throws {
        #expect(try totals(.both) == [1.2, 0.2, 0, 0])
        #expect(try totals(.accuracyOnly) == [1, 0, 0, 0])
        #expect(try totals(.formatOnly) == [0.2, 0.2, 0, 0])
        #expect(try totals(.untagged) == [1.2, 0.2, 1, 1])
    }

    @Test func `the form alone is still told whether it was right`() throws {
        let reward = try scorer(.formatOnly).score(response: right, finished: true, expected: "51")
        #expect(reward == Reward(format: 0.2, accuracy: 0, verdict: .correct))
    }

    @Test(arguments: RewardRule.Mode.allCases)
    func `a cut response earns nothing in any mode`(mode: RewardRule.Mode) throws {
        for response in [right, blurted, untagged] {
            let reward = try scorer(mode).score(response: response, finished: false, expected: "51")
            #expect(reward == Reward(format: 0, accuracy: 0, verdict: nil))
        }
    }

    @Test func `a right number inside the thought earns nothing`() throws {
        let reward = try scorer(.both).score(response: "<think>51</think>50", finished: true, expected: "51")
        #expect(reward == Reward(format: 0.2, accuracy: 0, verdict: .wrong))
    }

    @Test func `half a pair of tags is not untagged`() throws {
        for response in ["<think>51", "</think>51", "<think>a</think>b<think>51"] {
            let reward = try scorer(.untagged).score(response: response, finished: true, expected: "51")
            #expect(reward == Reward(format: 0, accuracy: 0, verdict: nil))
        }
    }

    @Test func `a direct response is the answer as a whole`() throws {
        let scorer = try scorer(.both)
        #expect(scorer.score(direct: "51", finished: true, expected: "51").total == 1)
        #expect(scorer.score(direct: "52", finished: true, expected: "51").verdict == .wrong)
        #expect(scorer.score(direct: right, finished: true, expected: "51").verdict == .wrong)
        #expect(scorer.score(direct: "51", finished: false, expected: "51").verdict == nil)
        #expect(scorer.score(direct: "", finished: true, expected: "51").verdict == nil)
    }

    @Test func `undecided earns the form and no more`() throws {
        let reward = try scorer(.both).score(response: right, finished: true, expected: "fifty-one")
        #expect(reward == Reward(format: 0.2, accuracy: 0, verdict: .undecided))
    }

    @Test func `a partial verdict earns its share of the reward for the answer`() throws {
        let scorer = try scorer(.both)
        let submission = scorer.submission(response: right, finished: true)
        let quarter = try #require(Verdict(credit: 0.25))
        #expect(submission.answer?.text == "51")
        #expect(scorer.reward(submission, [quarter]) == Reward(format: 0.2, accuracy: 0.25, verdict: quarter))
        #expect(
            scorer.reward(submission, [.correct])
                == scorer.score(response: right, finished: true, expected: "51"))
        #expect(try self.scorer(.formatOnly).reward(submission, [quarter]).accuracy == 0)
        // A verdict on an answer that is not there is no verdict.
        let none = scorer.submission(response: "51", finished: true)
        #expect(scorer.reward(none, [.correct]) == Reward(format: 0, accuracy: 0, verdict: nil))
    }

    @Test(arguments: [-0.1, 1.000001, .nan, .infinity, -.infinity])
    func `a credit outside 0 to 1 is no verdict`(_ credit: Double) {
        #expect(Verdict(credit: credit) == nil)
        #expect(Verdict.Share(credit) == nil)
    }

    @Test func `verdicts are coded as words and partial ones as their credit`() throws {
        let verdicts: [Verdict] = [.correct, try #require(Verdict(credit: 0.25)), .wrong, .undecided]
        let bytes = try JSONEncoder().encode(verdicts)
        #expect(String(decoding: bytes, as: UTF8.self) == #"["correct",0.25,"wrong","undecided"]"#)
        #expect(try JSONDecoder().decode([Verdict].self, from: bytes) == verdicts)
        #expect(verdicts.map(\.credit) == [1, 0.25, 0, 0])
        for bad in ["[1]", "[0]", "[-1]", #"["partial"]"#, #"["right"]"#] {
            #expect(throws: (any Error).self) {
                try JSONDecoder().decode([Verdict].self, from: Data(bad.utf8))
            }
        }
    }

    private func scorer(_ change: (inout RewardRule) -> Void, weights: [Double]) throws -> Scorer {
        Scorer(
            tags: .think, verifiers: VerifierSet(NumberVerifier(), others: Verifiers.all),
            rule: try RewardRule { change(&$0) },
            further: weights.enumerated().map {
                WeightedVerifier(name: "r\($0)", weight: $1, verifier: ExternalVerifier(program: ["p\($0)"]))
            })
    }

    @Test func `further rewards add their weight times their credit, also a negative one`() throws {
        let scorer = try self.scorer({ _ in }, weights: [-0.5, 2])
        let submission = scorer.submission(response: right, finished: true)
        let half = try #require(Verdict(credit: 0.5))
        let reward = scorer.reward(submission, [.correct, half, .wrong])
        #expect(reward.further.map(\.value) == [-0.25, 0])
        #expect(reward.total == 0.95)
        #expect(reward.verdicts == [.correct, half, .wrong])
        // A missing verdict is undecided and earns nothing.
        #expect(scorer.reward(submission, [.correct]).further.map(\.verdict) == [.undecided, .undecided])
        let none = scorer.reward(
            scorer.submission(response: blurted, finished: true), [.correct, half, half])
        #expect(none.total == 0 && none.verdicts == [nil, nil, nil])
    }

    @Test func `an undecided verdict that counts excludes a response where the rule says so`() throws {
        func isExcluded(
            _ verdicts: [Verdict], weights: [Double] = [1, 0], _ change: (inout RewardRule) -> Void
        ) throws -> Bool {
            let scorer = try self.scorer(change, weights: weights)
            return scorer.reward(scorer.submission(response: right, finished: true), verdicts).isExcluded
        }
        let exclude = { (rule: inout RewardRule) in rule.undecided = .exclude }
        #expect(try !isExcluded([.undecided, .correct, .correct]) { _ in })
        #expect(try isExcluded([.undecided, .correct, .correct], exclude))
        #expect(try isExcluded([.wrong, .undecided, .correct], exclude))
        // A reward of weight 0 is only logged.
        #expect(try !isExcluded([.wrong, .wrong, .undecided], exclude))
        #expect(
            try !isExcluded([.undecided, .wrong, .wrong]) {
                $0.undecided = .exclude
                $0.mode = .formatOnly
            })
        // There is nothing undecided about a response without an answer.
        let scorer = try self.scorer(exclude, weights: [1])
        #expect(!scorer.reward(scorer.submission(response: blurted, finished: true), []).isExcluded)
    }

    @Test func `a problem is judged by the verifier that it names`() throws {
        let scorer = try self.scorer({ _ in }, weights: [])
        func verdict(_ verifier: String?) -> Verdict? {
            let problem = Problem(id: "", question: "", expected: "1/2", difficulty: 0, verifier: verifier)
            return scorer.verdicts(on: Answer(direct: "0.5"), to: problem).first
        }
        #expect(verdict("math") == .correct)
        #expect(verdict("exact") == .wrong)
        #expect(verdict(nil) == .undecided)
        #expect(verdict("nobody") == .undecided)
    }

    @Test func `rewards that are no rewards are refused`() throws {
        #expect { try RewardRule { $0.accuracy = -1 } } throws: { "\($0)".contains("accuracy: -1.0 is not") }
        #expect { try RewardRule { $0.format = .nan } } throws: { "\($0)".contains("format: nan is not") }
        #expect { try RewardRule { $0.format = .infinity } } throws: {
            "\($0)".contains("format: inf is not")
        }
    }
}
