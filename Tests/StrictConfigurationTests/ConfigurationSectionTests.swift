import Foundation
import Testing

@testable import StrictConfiguration

/// A configuration of three levels with an inline section.
private struct Sample: StrictConfiguration {
    @Setting(.integer(0...10), "top", resume: .free) var top = 1
    var wheel = Wheel()
    @Setting(.text, "colour of it all") var colour = "red"

    static let printingCommand = "sample --print"
    static let formerKeys = [
        FormerKey.renamed("wheel.tyre", to: "wheel.rim.width"),
        .removed("hub", values: ["0"], "is not a setting; remove it"),
    ]

    struct Wheel: ConfigurationSection {
        var rim = Rim()
        @Setting(.flag, "whether it turns") var turns = false
        var spokes = Spokes()
    }

    struct Rim: ConfigurationSection {
        @Setting(.number(0...9), "width") var width = 2.5

        func contradictions() -> [ConfigurationError.Fault] {
            var faults: [ConfigurationError.Fault] = []
            faults.require(width != 3, "width", "3 is taken")
            return faults
        }
    }

    struct Spokes: ConfigurationSection {
        static let isInline = true
        @Setting(.integer(1...99), "how many spokes") var count = 36
    }
}

struct ConfigurationSectionTests {
    private func read(_ json: String, isSaved: Bool = false) throws -> Sample {
        try Sample(json: Data(json.utf8), source: "s", isSaved: isSaved)
    }

    private func complaint(_ json: String, isSaved: Bool = false) -> String {
        do { return "\(try read(json, isSaved: isSaved))" } catch { return "\(error)" }
    }

    @Test func `settings have their property's name below their section's, in the order of declaration`() {
        #expect(
            Sample().settings().map(\.path)
                == ["top", "wheel.rim.width", "wheel.turns", "wheel.count", "colour"])
    }

    @Test func `a tree changes what it names and nothing else`() throws {
        var expected = Sample()
        expected.wheel.rim.width = 4
        expected.wheel.spokes.count = 12
        #expect(try read(#"{"wheel": {"rim": {"width": 4}, "count": 12}}"#) == expected)
        #expect(try read("{}") == Sample())
    }

    @Test func `reading does not touch the defaults`() throws {
        let shared = Sample.Rim()
        _ = try read(#"{"wheel": {"rim": {"width": 4}}}"#)
        #expect(shared.width == 2.5 && Sample().wheel.rim.width == 2.5)
    }

    @Test func `the canonical JSON has sorted keys and reads back`() throws {
        let sample = try read(#"{"top": 7}"#)
        #expect(
            String(decoding: sample.canonicalJSON, as: UTF8.self)
                == #"{"colour":"red","top":7,"wheel":{"count":36,"rim":{"width":2.5},"turns":false}}"#)
        #expect(try Sample(json: sample.canonicalJSON) == sample)
    }

    @Test func `a contradiction is told with its whole path`() {
        #expect(complaint(#"{"wheel": {"rim": {"width": 3}}}"#) == "s: wheel.rim.width: 3 is taken")
    }

    @Test func `values that code sets are checked`() {
        #expect { try Sample { $0.top = 11 } } throws: {
            "\($0)" == "Sample: top: 11 is not allowed; give an integer from 0 to 10"
        }
        #expect { try Sample { $0.wheel.rim.width = 3 } } throws: { "\($0)".contains("3 is taken") }
    }

    @Test func `an unknown key names the nearest one or the command that prints all`() {
        #expect(
            complaint(#"{"wheel": {"turn": true}}"#)
                == "s: wheel.turn: unknown key; did you mean wheel.turns?")
        #expect(complaint(#"{"something_else": 1}"#).contains("`sample --print` shows every key"))
    }

    @Test func `a former key is refused with its hint, and understood in a saved configuration`() throws {
        #expect(complaint(#"{"wheel": {"tyre": 4}}"#) == "s: wheel.tyre: is now wheel.rim.width; rename it")
        #expect(complaint(#"{"hub": 0}"#) == "s: hub: is not a setting; remove it")
        #expect(try read(#"{"wheel": {"tyre": 4}, "hub": 0}"#, isSaved: true).wheel.rim.width == 4)
        #expect(complaint(#"{"hub": 1}"#, isSaved: true) == "s: hub: is not a setting; remove it")
    }

    @Test func `a decoder that knows no limits cannot make a configuration`() {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(Sample.self, from: Data(#"{"top":1}"#.utf8))
        }
    }
}
