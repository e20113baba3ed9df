import Testing

@testable import Reasoning

struct FormatRuleTests {
    static let korean = "<생각>"

    private func form(_ response: String, finished: Bool = true) throws -> FormatRule.Form {
        FormatRule(tags: .think).form(of: response, finished: finished)
    }

    private func answer(_ response: String) throws -> String? {
        guard case .kept(let answer) = try form(response) else { return nil }
        return answer.text
    }

    @Test func `a thought and an answer keep the form`() throws {
        #expect(try answer("<think>17*3=51</think>51") == "51")
        #expect(try answer("<think> x </think> 51 \n") == " 51 \n")
        #expect(try answer("<think>line\nline</think>\nline\nline") == "\nline\nline")
    }

    @Test func `white space before the thought is allowed`() throws {
        #expect(try answer(" \n\t<think>x</think>y") == "y")
    }

    @Test func `Korean tags keep the form and English ones then mean nothing`() throws {
        let rule = FormatRule(tags: try ThoughtTags(open: "<생각>", close: "</생각>"))
        guard case .kept(let answer) = rule.form(of: "<생각>곱하면 51</생각>51", finished: true) else {
            Issue.record("the form is not kept")
            return
        }
        #expect(answer.text == "51")
        #expect(rule.form(of: "<think>x</think>51", finished: true) == .broken(.noOpeningTag))
        #expect(FormatRule(tags: .think).form(of: "<생각>x</생각>51", finished: true) == .broken(.noOpeningTag))
    }

    @Test(arguments: [
        ("", FormatRule.Break.noOpeningTag),
        ("51", .noOpeningTag),
        ("think</think>51", .noOpeningTag),
        ("<think>17*3=51", .noClosingTag),
        ("<think>", .noClosingTag),
        ("51<think>x</think>51", .textBeforeThought),
        ("\u{200B}<think>x</think>51", .textBeforeThought),
        ("<think>a</think>b<think>c</think>d", .secondOpeningTag),
        ("<think><think>a</think></think>b", .secondOpeningTag),
        ("<think>a<think>b</think>c", .secondOpeningTag),
        ("<think>a</think>b</think>c", .secondClosingTag),
        ("<think>a</think>51</think>", .secondClosingTag),
        ("<think>a</think>51<think>", .secondOpeningTag),
        ("</think>a<think>b", .closedBeforeOpened),
        ("<think></think>51", .blankThought),
        ("<think> \n\t\u{A0}\u{3000}</think>51", .blankThought),
        ("<think>\u{200B}\u{FEFF}</think>51", .blankThought),
        ("<think>x</think>", .blankAnswer),
        ("<think>x</think> \n\u{200D}", .blankAnswer),
        ("<Think>x</Think>51", .noOpeningTag),
        ("< think>x</think>51", .noOpeningTag),
    ])
    func `a broken form is told by its reason`(response: String, reason: FormatRule.Break) throws {
        #expect(try form(response) == .broken(reason))
    }

    @Test func `a response that was cut is never in the form`() throws {
        #expect(try form("<think>17*3=51</think>51", finished: false) == .broken(.cut))
        #expect(try form("", finished: false) == .broken(.cut))
    }

    @Test func `a mark that combines with a tag does not hide it`() throws {
        #expect(
            try form("<think>\u{301}a</think>\u{301}b<think>\u{301}c</think>d") == .broken(.secondOpeningTag))
        #expect(try answer("<think>a</think>\u{301}b")?.unicodeScalars.count == 2)
    }

    @Test func `a long response is read in one pass`() throws {
        let long = String(repeating: "<", count: 200_000)
        #expect(try form(long) == .broken(.noOpeningTag))
        #expect(try answer("<think>\(long)</think>51") == "51")
    }

    @Test func `the thought can be shown, also while it is being written`() {
        let rule = FormatRule(tags: .think)
        #expect(rule.thought(in: "<think>17*3") == "17*3")
        #expect(rule.thought(in: "<think>17*3=51</think>51") == "17*3=51")
        #expect(rule.thought(in: "51") == nil)
    }

    @Test func `tags that are blank or overlap are refused`() {
        #expect(throws: SettingError.self) { try ThoughtTags(open: "", close: "</think>") }
        #expect(throws: SettingError.self) { try ThoughtTags(open: "<think>", close: " ") }
        #expect(throws: SettingError.self) { try ThoughtTags(open: "<think> ", close: "</think>") }
        #expect(throws: SettingError.self) { try ThoughtTags(open: "<t>", close: "<t>") }
        #expect(throws: SettingError.self) { try ThoughtTags(open: "<t>", close: "<t>/") }
        #expect(throws: SettingError.self) { try ThoughtTags(open: "x<t>", close: "<t>") }
    }

    private func answerRule() throws -> FormatRule {
        FormatRule(
            tags: try ThoughtTags(
                open: "<think>", close: "</think>", answerOpen: "<answer>", answerClose: "</answer>"))
    }

    @Test(arguments: [
        ("<think>t</think><answer>51</answer>", "51"), ("<think>t</think> \n<answer> 51 </answer>\n", " 51 "),
        ("<think>an <answer> is due</think> <answer>51</answer>", "51"),
    ])
    func `an answer may have tags of its own`(response: String, answer: String) throws {
        #expect(try answerRule().form(of: response, finished: true) == .kept(answer: Answer(direct: answer)))
    }

    @Test(arguments: [
        ("<think>t</think>51", FormatRule.Break.noAnswerTags), ("<think>t</think><answer>51", .noAnswerTags),
        ("<think>t</think>51</answer>", .noAnswerTags), ("<think>t</think>", .noAnswerTags),
        ("<think>t</think><answer>1</answer><answer>2</answer>", .noAnswerTags),
        ("<think>t</think><answer>1</answer></answer>", .noAnswerTags),
        ("<think>t</think></answer>51<answer>", .noAnswerTags),
        ("<think>t</think>so <answer>51</answer>", .textAroundAnswer),
        ("<think>t</think><answer>51</answer> yes", .textAroundAnswer),
        ("<think>t</think><answer> </answer>", .blankAnswer), ("<answer>51</answer>", .noOpeningTag),
        ("<think> </think><answer>51</answer>", .blankThought),
    ])
    func `a form with tags around the answer is broken without them`(
        response: String, reason: FormatRule.Break
    ) throws {
        #expect(try answerRule().form(of: response, finished: true) == .broken(reason))
    }

    @Test func `an answer's tags are two, and neither is part of another tag`() {
        for (open, close) in [
            ("<a>", nil), (nil, "</a>"), ("<a>", "<a>"), ("<think>", "</a>"), ("<a>", " "), ("think", "</a>"),
        ] {
            #expect(throws: SettingError.self) {
                try ThoughtTags(open: "<think>", close: "</think>", answerOpen: open, answerClose: close)
            }
        }
    }
}
