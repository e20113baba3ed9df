import Logging
import ZeroMQ

/// The authenticator of one port, running beside it in the port's own context; nothing where there are no keys.
///
/// Opened before the port is bound, closed after it.
struct Door: Sendable {
    let security: PortSecurity
    let strangers: StrangerLog
    private let authenticator: SocketLoop<AuthenticatorRole>?

    private init(
        _ security: PortSecurity, _ strangers: StrangerLog, _ authenticator: SocketLoop<AuthenticatorRole>?
    ) {
        self.security = security
        self.strangers = strangers
        self.authenticator = authenticator
    }

    static func open(_ security: PortSecurity, in context: Context, logger: Logger) async throws -> Door {
        let strangers = StrangerLog(logger: logger)
        guard let gate = security.gate else { return Door(security, strangers, nil) }
        let handed = Handover<Context>()
        handed.put(context)
        let authenticator = try await SocketLoop(name: "ponder-keys", capacity: 1) { _ in
            // Taken, not captured: the context must end with its last socket, which is when it delivers what lingers.
            try AuthenticatorRole(gate, strangers: strangers, in: handed.take())
        }
        return Door(security, strangers, authenticator)
    }

    func close() async { await authenticator?.stop() }
}

extension SocketLoop {
    /// Starts the loop of a port and, before it, the port's authenticator.
    ///
    /// - Parameter makeRole: gets the context that both live in; it must not keep it.
    static func behindDoor(
        _ security: PortSecurity, name: String, capacity: Int, logger: Logger,
        makeRole:
            @escaping @Sendable (Door, Context, _ wake: @escaping @Sendable () -> Void) throws -> Role
    ) async throws -> (SocketLoop, Door) {
        let handed = Handover<Context>()
        let door: Door
        do {
            let context = try Context()
            door = try await Door.open(security, in: context, logger: logger)
            handed.put(context)
        }
        do {
            let loop = try await SocketLoop(name: name, capacity: capacity) { wake in
                try makeRole(door, handed.take(), wake)
            }
            return (loop, door)
        } catch {
            await door.close()
            throw error
        }
    }
}

extension Socket {
    /// Makes a socket that is not bound yet ask for keys, where there are some.
    func arm(_ security: PortSecurity) throws(ZeroMQError) {
        guard let gate = security.gate else { return }
        try set(.curveServer, true)
        try set(.curveSecretKey, gate.keys.secretKey)
        try set(.zapDomain, AuthenticatorRole.domain)
        // Without it, a dead authenticator would let everybody in.
        try set(.zapEnforceDomain, true)
    }
}
