import Foundation
import Testing
import ZeroMQ

@testable import Messaging

struct `A folder of keys` {
    private func mode(_ path: String) throws -> Int {
        let facts = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(facts[.posixPermissions] as? Int)
    }

    @Test func `holds a secret that nobody else can read and a public key that fits`() throws {
        let keys = try Keyring(others: ["node7"])
        #expect(try mode(keys.folder.secretFile("node7")) == 0o600)
        #expect(try mode(keys.folder.publicFile("node7")) == 0o644)
        let pair = try #require(try keys.folder.pair("node7"))
        #expect(try keys.folder.publicKey("node7") == pair.publicKey)
        let shown = try String(contentsOfFile: keys.folder.publicFile("node7"), encoding: .utf8)
        #expect(shown == "node7 \(pair.publicKey.z85)\n")
        #expect(!shown.contains(pair.secretKey.z85))
        // Nothing else is left of the writing.
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: keys.folder.path).sorted() == [
                "authorized", "coordinator.key", "coordinator.pub", "nobody.key", "nobody.pub", "node7.key",
                "node7.pub",
            ])
    }

    @Test func `never replaces a key, and makes all of them or none`() throws {
        let keys = try Keyring()
        let before = try String(contentsOfFile: keys.folder.secretFile("coordinator"), encoding: .utf8)
        let error = #expect(throws: KeyError.self) { try keys.folder.make(["new", "coordinator"]) }
        #expect(error?.description.contains("coordinator.key is there already") == true)
        #expect(try keys.folder.pair("new") == nil)
        #expect(try String(contentsOfFile: keys.folder.secretFile("coordinator"), encoding: .utf8) == before)
        // Also when it appears between looking and writing.
        let raced = #expect(throws: KeyError.self) {
            try KeyFile.create(keys.folder.secretFile("coordinator"), "x", .secret)
        }
        #expect(raced == .taken(keys.folder.secretFile("coordinator")))
        #expect(try String(contentsOfFile: keys.folder.secretFile("coordinator"), encoding: .utf8) == before)
    }

    @Test(arguments: [0o644, 0o640, 0o604, 0o602])
    func `a secret that others can reach is refused, and the remedy works`(mode: Int) throws {
        let keys = try Keyring(others: ["worker"])
        let file = keys.folder.secretFile("worker")
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        let error = #expect(throws: KeyError.self) { try keys.client("worker") }
        #expect(error?.description.hasSuffix("chmod 600 \(file)") == true)
        #expect(error?.description.contains("mode 0\(String(mode, radix: 8))") == true)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        _ = try keys.client("worker")
    }

    @Test func `a list that others can change is refused`() throws {
        let keys = try Keyring()
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o666], ofItemAtPath: keys.folder.authorizedFile)
        let error = #expect(throws: KeyError.self) { try keys.folder.allowList() }
        #expect(error?.description.hasSuffix("chmod 644 \(keys.folder.authorizedFile)") == true)
    }

    @Test(arguments: [
        "", "a/b", "../x", ".hidden", "a b", "secret-key", "é", String(repeating: "a", count: 65),
    ])
    func `what cannot be a file and a word names no key`(name: String) throws {
        let keys = try Keyring()
        let error = #expect(throws: KeyError.self) { try keys.folder.make([name]) }
        #expect(error?.description.contains("letters, digits") == true)
    }

    @Test func `authorizing and revoking keep everything else of the list`() throws {
        let keys = try Keyring(others: ["a", "b"])
        let file = keys.folder.authorizedFile
        try Data("# our cluster\n\n".utf8).write(to: URL(filePath: file))
        _ = try keys.folder.authorize(["a", "b"])
        // Once is enough.
        _ = try keys.folder.authorize(["a"])
        let (a, b) = (
            try #require(try keys.folder.publicKey("a")), try #require(try keys.folder.publicKey("b"))
        )
        #expect(
            try String(contentsOfFile: file, encoding: .utf8) == "# our cluster\n\na \(a.z85)\nb \(b.z85)\n")
        _ = try keys.folder.revoke([a.fingerprint])
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "# our cluster\n\nb \(b.z85)\n")
        let error = #expect(throws: KeyError.self) { try keys.folder.revoke(["b", "a"]) }
        #expect(error?.description.contains("no key of the name or fingerprint a") == true)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "# our cluster\n\nb \(b.z85)\n")
    }

    @Test func `a key from another machine is authorized by its file, under a name of its own`() throws {
        let (keys, other) = (try Keyring(authorized: ["worker"]), try Keyring(others: ["worker"]))
        let file = other.folder.publicFile("worker")
        let error = #expect(throws: KeyError.self) { try keys.folder.authorize([file]) }
        #expect(error?.description.contains("give --as NAME") == true)
        #expect(try keys.folder.authorize([file], as: "node7").map(\.name) == ["node7"])
        #expect(
            try keys.folder.authorized()?.name(of: #require(try other.folder.publicKey("worker"))) == "node7")
        let secret = #expect(throws: KeyError.self) {
            try keys.folder.authorize([other.folder.secretFile("coordinator")])
        }
        #expect(secret?.description.contains("is a secret key") == true)
        #expect(secret?.description.contains(other.allowList.keys.secretKey.z85) == false)
    }

    @Test(arguments: [
        ("x\n", "authorized:1 is not NAME"), ("# fine\nnode7 short\n", "authorized:2 is not NAME"),
        ("secret-key KEY\n", "authorized:1 is a secret key"),
        ("a KEY\nb KEY\n", "authorized:2 has the key of a"),
        ("a KEY\na OTHER\n", "authorized:2 has the name a"),
    ])
    func `a list that cannot be read is refused with its line`(text: String, complaint: String) throws {
        let keys = try Keyring()
        let words = try [CurveKeyPair.generate(), .generate()].map(\.publicKey.z85)
        let list = text.replacing("KEY", with: words[0]).replacing("OTHER", with: words[1])
        try Data(list.utf8).write(to: URL(filePath: keys.folder.authorizedFile))
        let error = #expect(throws: KeyError.self) { try keys.folder.allowList() }
        #expect(error?.description.contains(complaint) == true, "\(String(describing: error))")
    }

    @Test func `what is missing is said with the command that makes it`() throws {
        let keys = try Keyring(others: ["worker"])
        let noWorker = #expect(throws: KeyError.self) { try keys.client("other") }
        #expect(noWorker?.description.contains("ponder keys make other") == true)
        try FileManager.default.removeItem(atPath: keys.folder.authorizedFile)
        let noList = #expect(throws: KeyError.self) { try keys.folder.allowList() }
        #expect(noList?.description.contains("ponder keys authorize NAME") == true)
        try FileManager.default.removeItem(atPath: keys.folder.secretFile("coordinator"))
        let noKey = #expect(throws: KeyError.self) { try keys.folder.allowList() }
        #expect(noKey?.description.contains("ponder keys make coordinator") == true)
        try FileManager.default.removeItem(atPath: keys.folder.publicFile("coordinator"))
        let noServer = #expect(throws: KeyError.self) { try keys.client("worker") }
        #expect(noServer?.description.contains("copy it from the coordinator's machine") == true)
        let nowhere = #expect(throws: KeyError.self) { try KeyFolder("/nowhere/keys").revoke(["a"]) }
        #expect(nowhere?.description.contains("/nowhere/keys is not a folder") == true)
    }

    @Test func `a secret key file that is damaged is an error that does not show it`() throws {
        let keys = try Keyring(others: ["worker"])
        let secret = try #require(try keys.folder.pair("worker")).secretKey.z85
        let file = keys.folder.secretFile("worker")
        try KeyFile.replace(file, "secret-key \(secret.dropLast())\n", .secret)
        let error = #expect(throws: KeyError.self) { try keys.client("worker") }
        #expect(error?.description.contains("holds no secret key") == true)
        #expect(error?.description.contains(secret.prefix(8)) == false)
        #expect(try keys.folder.holdings().first { $0.name == "worker" }?.problem != nil)
    }
}

struct `A watched list of keys` {
    @Test func `follows its file, stays when the file is malformed, and is empty when the file is missing`()
        async throws
    {
        let keys = try Keyring(authorized: ["a"], others: ["b"])
        let book = LogBook()
        let list = try keys.folder.allowList(logger: book.logger)
        let (a, b) = (
            try #require(try keys.folder.publicKey("a")), try #require(try keys.folder.publicKey("b"))
        )
        #expect(list.name(of: a) == "a")
        #expect(list.name(of: b) == nil)
        _ = try keys.folder.authorize(["b"])
        try await eventually("b is accepted") { list.name(of: b) == "b" }
        try Data("nonsense\n".utf8).write(to: URL(filePath: keys.folder.authorizedFile))
        try await eventually("a complaint") {
            list.name(of: a) == "a" && book.text.contains("the previous list stays in force")
        }
        #expect(list.name(of: b) == "b")
        try FileManager.default.removeItem(atPath: keys.folder.authorizedFile)
        try await eventually("no key is accepted") { list.name(of: a) == nil }
        // The coordinator itself may always connect.
        #expect(list.name(of: list.keys.publicKey) == "coordinator")
        #expect(book.text.contains("no other key is accepted until it is back"))
    }
}

struct `A log of rejected peers` {
    @Test func `names every address, and no address fills the disk`() {
        let book = LogBook()
        let log = RejectedPeerLog(logger: book.logger)
        for _ in 0..<1000 { log.note("10.0.0.1", "was refused") }
        log.note("10.0.0.2", "was refused")
        // 1, 2, 4 … 512 are ten lines, the limit of a minute.
        #expect(book.count == 10)
        #expect(book.text.contains("10.0.0.1 was refused (512 so far)"))
        for number in 0..<5000 { log.note("10.1.\(number / 256).\(number % 256)", "was refused") }
        #expect(book.count == 10)
    }

    @Test func `names the second address as well as the first`() {
        let book = LogBook()
        let log = RejectedPeerLog(logger: book.logger)
        for _ in 0..<3 { log.note("10.0.0.1", "was refused") }
        log.note("10.0.0.2", "was refused")
        #expect(book.text.contains("10.0.0.2 was refused (1 so far)"))
    }
}
