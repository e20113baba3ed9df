import ExternalPrograms
import Testing

@Suite struct ProgramPermissionTests {
    private func isAllowed(_ command: [String], by flags: [String]) -> Bool {
        (try? ProgramPermission(flags).check(ExternalProgram(command: command))) != nil
    }

    @Test func `a worker runs what its own command line names, and nothing else`() {
        #expect(isAllowed(["/opt/verify", "--strict"], by: ["/opt/verify"]))
        #expect(isAllowed(["python3", "verify.py"], by: ["/opt/verify", "python3 verify.py"]))
        #expect(!isAllowed(["/opt/verify"], by: []))
        #expect(!isAllowed(["/opt/verify2"], by: ["/opt/verify"]))
        #expect(!isAllowed(["verify"], by: ["/opt/verify"]))
        #expect(!isAllowed(["python3", "other.py"], by: ["python3 verify.py"]))
        #expect(!isAllowed([], by: [""]))
    }

    @Test(arguments: ["python3", "/usr/bin/python3", "/usr/bin/python3.12", "sh", "/usr/bin/env"])
    func `the name of an interpreter allows nothing`(_ name: String) {
        #expect(!isAllowed([name, "-c", "anything"], by: [name]))
        #expect(isAllowed([name, "verify.py"], by: ["\(name) verify.py"]))
    }

    @Test func `two commands never read the same`() {
        #expect(!isAllowed(["a", "b c"], by: ["a b c"]))
        #expect(isAllowed(["a", "b c"], by: ["a 'b c'"]))
        #expect(ShellWords.quoted(["it's", "", "a$b"]) == #"'it'\''s' '' 'a$b'"#)
    }

    @Test func `a refusal names the flag that would allow it`() {
        let error = #expect(throws: ExternalProgramError.self) {
            try ProgramPermission.none.check(ExternalProgram(command: ["python3", "my verify.py"]))
        }
        #expect(error?.reason.contains(#"--allow-verifier 'python3 '\''my verify.py'\'''"#) == true)
    }

    @Test(arguments: [
        (["no-such-program-anywhere"], "no no-such-program-anywhere in PATH"),
        (["/no/such/file"], "there is no file"),
        (["/etc/passwd"], "not an executable file"), (["/tmp"], "not an executable file"),
        ([], "names no program"),
    ])
    func `a program that is not there is said so before anything starts`(
        _ command: [String], _ reason: String
    ) {
        let error = #expect(throws: ExternalProgramError.self) {
            try VerifierPool(ExternalProgram(command: command), log: { _ in })
        }
        #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "nothing")")
    }
}
