import Foundation
import Host
import Testing

@Suite struct LineLogTests {
    @Test func `a reader that stops reading holds nobody up, and is told how much it missed`() throws {
        let pipe = try PipeEnds()
        defer { close(pipe.reading) }
        let log = LineLog(pipe.writing, limit: 1000)
        // More than the pipe and the buffer hold.
        for number in 0..<20_000 { log.add("line \(number)\n") }
        log.flush(patience: .milliseconds(1))
        PipeEnds.unblock(pipe.reading)
        var text = ""
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let deadline = ContinuousClock.now + .seconds(20)
        while !text.hasSuffix("after it\n"), ContinuousClock.now < deadline {
            let count = read(pipe.reading, &bytes, bytes.count)
            if count > 0 {
                text += String(decoding: bytes[..<count], as: UTF8.self)
            } else {
                log.add("after it\n")
            }
        }
        #expect(text.hasPrefix("line 0\nline 1\n"))
        #expect(text.contains("lines missing here, because nobody read them or the disk was full: "))
        #expect(text.hasSuffix("after it\n"))
    }

    @Test func `a disk that is full is no error, and what comes after it is written`() throws {
        let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
        try #require(full >= 0)
        defer { close(full) }
        let log = LineLog(full)
        log.add("lost\n")
        log.flush()
        let path = FileManager.default.temporaryDirectory.appending(path: "ponder-log-\(UUID())").path
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer {
            close(file)
            unlink(path)
        }
        // The disk has room again.
        dup2(file, full)
        log.add("kept\n")
        log.flush()
        #expect(
            try String(contentsOfFile: path, encoding: .utf8)
                == "lines missing here, because nobody read them or the disk was full: 1\nkept\n")
    }

    @Test func `a log that is too large moves aside, and its writer goes on in the emptied file`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "ponder-log-\(UUID())").path
        defer {
            unlink(path)
            unlink(path + ".old")
        }
        var file = try OpenFile(path, O_WRONLY | O_CREAT | O_APPEND)
        try file.write(Data("0123456789\n".utf8))
        LogFile.limit(path, to: 11)
        #expect(!FileManager.default.fileExists(atPath: path + ".old"))
        LogFile.limit(path, to: 10)
        try file.write(Data("next\n".utf8))
        try file.close()
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "next\n")
        #expect(try String(contentsOfFile: path + ".old", encoding: .utf8) == "0123456789\n")
    }
}
