package import Foundation
import Synchronization

/// The children that this process has started and not reaped yet.
///
/// The lock is held while a pipe is created and while a program is started. Otherwise, a program started by
/// another thread before the pipe has its close-on-exec flag would inherit the pipe and hold it open.
let ownChildren = Mutex<Set<pid_t>>([])

func betweenStarts<Value: Sendable>(_ body: () -> Value) -> Value { ownChildren.withLock { _ in body() } }

/// Starts a program as the leader of its own process group, with no signal blocked or ignored.
///
/// An interrupt typed at the terminal then reaches only this process, which shuts down in order, and the
/// program can be ended together with all its children. Foundation's `Process` supports neither.
///
/// - Parameters:
///   - words: the program and its arguments.
///   - descriptors: become descriptors 0, 1, 2 and so on in the program; the caller closes its own copies.
///   - searching: whether a program name without a slash is searched for in `PATH`.
///   - environment: variables that the program gets in addition to this process's own.
/// - Returns: the process id, which is also the id of the process group. The caller must wait for the
///   process.
/// - Throws: `SystemError`, with code `ENOENT` when the program does not exist.
package func startChild(
    _ words: [String], descriptors: [Int32], searching: Bool = false, environment: [String: String] = [:]
) throws(SystemError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (target, source) in descriptors.enumerated() {
        posix_spawn_file_actions_adddup2(&actions, source, Int32(target))
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var usual = sigset_t()
    sigemptyset(&usual)
    for signal in [SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGUSR1, SIGUSR2] { sigaddset(&usual, signal) }
    posix_spawnattr_setsigdefault(&attributes, &usual)
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
    posix_spawnattr_setflags(&attributes, Int16(flags))

    guard let program = words.first, !program.isEmpty else {
        throw SystemError("start a program without a name", ENOENT)
    }
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    let start = searching ? posix_spawnp : posix_spawn
    var id: pid_t = 0
    let merged = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    var variables: [UnsafeMutablePointer<CChar>?] =
        environment.isEmpty ? [] : merged.map { strdup("\($0)=\($1)") } + [nil]
    defer { for variable in variables { free(variable) } }
    let code = ownChildren.withLock { own in
        let code =
            variables.isEmpty
            ? start(&id, program, &actions, &attributes, &arguments, environ)
            : start(&id, program, &actions, &attributes, &arguments, &variables)
        if code == 0 { own.insert(id) }
        return code
    }
    guard code == 0 else { throw SystemError("start \(program)", code) }
    return id
}
