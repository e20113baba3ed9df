import Foundation
import ZeroMQ

/// One thread that owns every socket of its context, because libzmq allows no other thread to touch them.
///
/// Commands arrive through a queue and an eventfd that the thread polls beside its sockets. `ZMQ_FD` would not do: it is
/// edge-triggered and loses edges. The thread is none of Swift's pool, where a blocked thread would starve other tasks.
final class SocketLoop<Role: SocketRole>: Sendable {
    /// What the role shares with other threads.
    let shared: Role.Shared
    private let mailbox: LoopMailbox<Role.Command>

    /// Starts the thread, makes the role on it, and returns when it is ready.
    ///
    /// - Parameters:
    ///   - name: the name of the thread, for debuggers.
    ///   - capacity: commands that may wait; `post` refuses more.
    ///   - makeRole: gets a closure that wakes the loop up from any thread.
    /// - Throws: what `makeRole` throws.
    init(
        name: String, capacity: Int,
        makeRole: @escaping @Sendable (_ wake: @escaping @Sendable () -> Void) throws -> Role
    ) async throws {
        let mailbox = LoopMailbox<Role.Command>(wakeUp: try WakeUp(), capacity: capacity)
        self.mailbox = mailbox
        shared = try await withCheckedThrowingContinuation { ready in
            let thread = Thread {
                SignalMask.blockAll()
                Self.live(makeRole, mailbox, ready)
                // Only now: the role is gone, its sockets are closed and their context has ended.
                mailbox.end()
            }
            thread.name = name
            thread.start()
        }
    }

    // The thread ends by itself, because nobody can post commands from now on.
    deinit { mailbox.close() }

    /// Queues a command; false when the queue is full or the loop has ended.
    @discardableResult
    func post(_ command: Role.Command) -> Bool { mailbox.post(command) }

    /// Makes the loop take a turn.
    func wake() { mailbox.wake() }

    /// Carries out the queued commands, closes the sockets and waits for the end of the thread, at most for the linger.
    func stop() async {
        mailbox.close()
        await mailbox.waitForEnd()
    }

    /// Makes the role, runs it, and releases it on return.
    private static func live(
        _ makeRole: (_ wake: @escaping @Sendable () -> Void) throws -> Role,
        _ mailbox: LoopMailbox<Role.Command>,
        _ ready: CheckedContinuation<Role.Shared, any Error>
    ) {
        let role: Role
        do {
            role = try makeRole { mailbox.wake() }
        } catch {
            ready.resume(throwing: error)
            return
        }
        ready.resume(returning: role.shared)
        do {
            try run(role, mailbox)
            role.ended(nil, unexecuted: [])
        } catch {
            mailbox.close()
            // Commands that were accepted since the last turn.
            role.ended(error, unexecuted: mailbox.take().commands)
        }
    }

    private static func run(_ role: Role, _ mailbox: LoopMailbox<Role.Command>) throws {
        let poller = Poller()
        while true {
            let (commands, closing) = mailbox.take()
            for command in commands { role.execute(command) }
            if closing { return }
            try role.turn()
            poller.removeAll()
            poller.add(mailbox.wakeUp)
            role.prepare(poller)
            _ = try poller.wait(timeout: role.maximumWait)
            mailbox.wakeUp.clear()
        }
    }
}
