package import Foundation
import Synchronization

/// Held while a pipe is made and while a program is started: a program that another thread starts between the making of a
/// pipe and its close-on-exec flag would inherit the pipe and hold it open.
private let starting = Mutex(())

func betweenStarts<Value: Sendable>(_ body: () -> Value) -> Value { starting.withLock { _ in body() } }

/// Starts a program as the leader of a process group of its own, with no signal blocked or ignored.
///
/// An interrupt typed at the terminal then reaches this process alone, which ends things in order, and the program can be
/// ended together with all that it started. Foundation's `Process` offers neither.
///
/// - Parameters:
///   - words: the program and its arguments.
///   - descriptors: become the program's descriptors 0, 1, 2 and on; the caller closes its own copies.
///   - searching: whether a program without a slash is looked for in `PATH`.
/// - Returns: the process id, which is also the number of the group. The caller waits for the process.
/// - Throws: `SystemError`, with `ENOENT` when there is no such program.
package func startChild(
    _ words: [String], descriptors: [Int32], searching: Bool = false
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
    for signal in [SIGINT, SIGTERM, SIGPIPE, SIGHUP] { sigaddset(&usual, signal) }
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
    let code = starting.withLock { _ in start(&id, program, &actions, &attributes, &arguments, environ) }
    guard code == 0 else { throw SystemError("start \(program)", code) }
    return id
}
