import Foundation
import Settings
import Testing

@testable import ponder

@Suite struct HelpTopicTests {
    @Test func `no topic is named like a command, and each one has a text`() throws {
        for topic in HelpTopic.allCases {
            #expect(CommandTree.find([topic.rawValue]) == nil)
            #expect(try topic.markdown().hasPrefix("# "))
            #expect(topic.summary.count <= 54)
        }
    }

    @Test func `every text belongs to a topic`() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/ponder/Resources/help").standardizedFileURL
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(files.sorted() == HelpTopic.allCases.map { "\($0.rawValue).md" }.sorted())
    }

    @Test(arguments: [
        ("metrics", HelpTopic.metrics), ("Metrics", .metrics), ("prompts", .promptsAndVerifiers),
        ("verifiers", .promptsAndVerifiers), ("prompts and verifiers", .promptsAndVerifiers),
        ("trl", .migration),
        ("verl", .migration), ("prime-rl", .migration), ("slurm", .cluster), ("keys", .security),
        ("runs", .metrics),
    ])
    func `a topic is found by its name, a part of it, or a word of its summary`(
        _ name: String, _ topic: HelpTopic
    ) {
        #expect(HelpTopic.find(name) == topic)
    }

    @Test(arguments: [60, 80, 200]) func `no line of prose of a topic is wider than the terminal`(
        _ width: Int
    ) throws {
        for topic in HelpTopic.allCases {
            let source = try topic.markdown()
            let code = Set(source.split(separator: "\n").map { "  \($0)" })
            let text = MarkdownText(source).rendered(width: width, isStyled: false)
            for line in text.split(separator: "\n").map(String.init)
            where line.count > width && !code.contains(line) {
                // An address or a path is one word.
                let longest = line.split(separator: " ").map(\.count).max() ?? 0
                if longest < width / 2 { Issue.record("\(topic.rawValue) at \(width): \(line)") }
            }
        }
    }

    @Test(arguments: HelpTopic.allCases) func `code of a topic fits 80 columns`(_ topic: HelpTopic) throws {
        var isCode = false
        for line in try topic.markdown().split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") { isCode.toggle() }
            if isCode, line.count > 78 { Issue.record("\(topic.rawValue): \(line)") }
        }
    }

    @Test func `the topic on configuration has every key as the program prints it`() throws {
        let schema = try #require(HelpTopic.configuration.markdown().split(separator: "<!-- schema -->").last)
        #expect(
            schema.trimmingPrefix("\n```yaml\n") == RunConfiguration().yaml + "```\n",
            "Scripts/write-help writes it")
    }

    @Test func `piped, a topic is plain text; a command keeps its own help`() async throws {
        let topic = try await PonderProcess.run("help", "troubleshooting")
        #expect(topic.status == 0 && !topic.output.contains("\u{1B}") && topic.errors.isEmpty)
        let command = try await PonderProcess.run("help", "train")
        #expect(command.output == (try await PonderProcess.run("train", "--help")).output)
        let list = try await PonderProcess.run("help")
        for topic in HelpTopic.allCases { #expect(list.output.contains("  \(topic.rawValue) ")) }
    }

    @Test(arguments: [
        (["help", "metrisc"], "ponder help metrics"), (["help", "trian"], "ponder help train"),
        (["trian"], "ponder train"), (["ls"], "ponder status"), (["chat"], "ponder ask"),
        (["launch", "shh"], "ponder launch ssh"), (["keys", "mkae"], "ponder keys make"),
        (["launch", "k8s"], "ponder launch kubernetes"),
    ])
    func `a misspelt command or topic gets the nearest one named`(_ arguments: [String], _ meant: String)
        async throws
    {
        let outcome = try await PonderProcess.run(arguments)
        #expect(outcome.status == 2 && outcome.output.isEmpty)
        #expect(outcome.errors.contains("Did you mean '\(meant)'?"))
    }

    @Test func `a name like no other leads to the list`() async throws {
        for (arguments, list) in [(["zzzzzzzz"], "ponder --help"), (["help", "zzzzzzzz"], "ponder help")] {
            #expect((try await PonderProcess.run(arguments)).errors.contains("'\(list)' lists"))
        }
    }

    @Test func `the manual page has every command and topic`() async throws {
        let page = (try await PonderProcess.run("help", "--man")).output
        #expect(page.hasPrefix(".TH PONDER 1 "))
        for (path, _) in CommandTree.all() where !path.isEmpty {
            #expect(page.contains(".SH \"ponder \(path.joined(separator: " "))\""))
        }
        for topic in HelpTopic.allCases {
            #expect(page.contains("ponder help \(topic.rawValue.replacing("-", with: "\\-"))"))
        }
    }
}
