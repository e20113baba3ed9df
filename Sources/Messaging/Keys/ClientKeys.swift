package import ZeroMQ

/// What the dialing side of an encrypted connection needs.
package struct ClientKeys: Sendable {
    /// The name of its own key's file.
    package let name: String
    package let own: CurveKeyPair
    package let server: CurvePublicKey
    /// Where the server's public key was read, for messages.
    package let serverFile: String

    package init(name: String, own: CurveKeyPair, server: CurvePublicKey, serverFile: String) {
        self.name = name
        self.own = own
        self.server = server
        self.serverFile = serverFile
    }

    /// Makes a socket that has not connected yet prove who it is, and demand the same of the server.
    package func arm(_ socket: Socket) throws(ZeroMQError) {
        try socket.set(.curveServerKey, server)
        try socket.set(.curvePublicKey, own.publicKey)
        try socket.set(.curveSecretKey, own.secretKey)
    }
}
