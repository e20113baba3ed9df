import Foundation
import Synchronization
import ZeroMQ

/// One thread that owns every socket of its context, because libzmq allows no other to touch them.
///
/// Commands come in through a queue and an eventfd that the thread polls beside its sockets, never through `ZMQ_FD`,
/// which is edge-triggered and loses edges. The thread is not Swift's: a blocked one there would starve everyone else.
final class SocketLoop<Role: SocketRole>: Sendable {
    private let mailbox: LoopMailbox<Role.Command>

    /// Starts the thread, makes the role on it, and returns when it is ready.
    ///
    /// - Parameters:
    ///   - name: the thread's, for debuggers.
    ///   - capacity: commands that may wait; `post` refuses more.
    ///   - makeRole: gets a closure that wakes the loop up from any thread.
    /// - Throws: what `makeRole` throws.
    init(
        name: String, capacity: Int,
        makeRole: @escaping @Sendable (_ wake: @escaping @Sendable () -> Void) throws -> Role
    ) async throws {
        let mailbox = LoopMailbox<Role.Command>(wakeUp: try WakeUp(), capacity: capacity)
        self.mailbox = mailbox
        try await withCheckedThrowingContinuation { (ready: CheckedContinuation<Void, any Error>) in
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

    // Nobody can post any more; the thread ends by itself.
    deinit { mailbox.close() }

    /// Queues a command; false when the queue is full or the loop has been stopped.
    @discardableResult
    func post(_ command: Role.Command) -> Bool { mailbox.post(command) }

    /// Makes the loop take a turn.
    func wake() { mailbox.wake() }

    /// Carries out what is queued, closes the sockets and waits for the thread's end: at most as long as they linger.
    func stop() async {
        mailbox.close()
        await mailbox.waitForEnd()
    }

    /// The whole life of the role, in a scope of its own so that it is gone afterwards.
    private static func live(
        _ makeRole: (_ wake: @escaping @Sendable () -> Void) throws -> Role,
        _ mailbox: LoopMailbox<Role.Command>,
        _ ready: CheckedContinuation<Void, any Error>
    ) {
        let role: Role
        do {
            role = try makeRole { mailbox.wake() }
        } catch {
            ready.resume(throwing: error)
            return
        }
        ready.resume()
        run(role, mailbox)
    }

    private static func run(_ role: Role, _ mailbox: LoopMailbox<Role.Command>) {
        let poller = Poller()
        var failure: (any Error)?
        while failure == nil {
            let (commands, closing) = mailbox.take()
            for command in commands { role.execute(command) }
            if closing { break }
            do {
                try role.turn()
                poller.removeAll()
                poller.add(mailbox.wakeUp)
                role.prepare(poller)
                _ = try poller.wait(timeout: role.patience)
                mailbox.wakeUp.clear()
            } catch {
                failure = error
            }
        }
        mailbox.close()
        role.ended(failure)
    }
}
