package import ZeroMQ

/// The keys of the dialing side of an encrypted connection.
package struct ClientKeys: Sendable {
    /// The name of the file of its own key.
    package let name: String
    package let own: CurveKeyPair
    package let server: CurvePublicKey
    /// The file of the server's public key, for messages.
    package let serverFile: String

    package init(name: String, own: CurveKeyPair, server: CurvePublicKey, serverFile: String) {
        self.name = name
        self.own = own
        self.server = server
        self.serverFile = serverFile
    }

    /// Makes a socket that has not connected yet prove its own key, and demand that the server proves its key.
    package func apply(to socket: Socket) throws(ZeroMQError) {
        try socket.set(.curveServerKey, server)
        try socket.set(.curvePublicKey, own.publicKey)
        try socket.set(.curveSecretKey, own.secretKey)
    }
}
