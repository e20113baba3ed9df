import CZeroMQ

/// One socket option and the type of its value.
///
///     try socket.set(.linger, .seconds(1))
///     try socket.get(.lastEndpoint)   // "tcp://127.0.0.1:41234"
package struct SocketOption<Value: SocketOptionValue>: Sendable {
    let code: Int32
    /// libzmq's name without the prefix `ZMQ_`, for messages.
    package let name: String

    init(_ code: Int32, _ name: String) {
        self.code = code
        self.name = name
    }
}

extension SocketOption where Value == Bool {
    /// Sending to an unknown peer, or to one with a full queue, is an error instead of a silent loss.
    ///
    /// ROUTER only, write-only.
    package static var routerMandatory: Self { Self(ZMQ_ROUTER_MANDATORY, "ROUTER_MANDATORY") }
    /// A new peer replaces an old one of the same routing id.
    ///
    /// Leave it off: a peer could take over another's connection.
    ///
    /// ROUTER only, write-only.
    package static var routerHandover: Self { Self(ZMQ_ROUTER_HANDOVER, "ROUTER_HANDOVER") }
    /// IPv6 addresses as well as IPv4.
    package static var ipv6: Self { Self(ZMQ_IPV6, "IPV6") }
    /// This socket is the CURVE server of its connections.
    package static var curveServer: Self { Self(ZMQ_CURVE_SERVER, "CURVE_SERVER") }
    /// Connections are refused when no ZAP handler answers; without it all are accepted.
    package static var zapEnforceDomain: Self {
        Self(Int32(PONDER_ZMQ_ZAP_ENFORCE_DOMAIN), "ZAP_ENFORCE_DOMAIN")
    }
}

extension SocketOption where Value == Int32 {
    /// Messages to one peer that may wait to be sent.
    package static var sendHighWater: Self { Self(ZMQ_SNDHWM, "SNDHWM") }
    /// Messages from one peer that may wait to be received.
    package static var receiveHighWater: Self { Self(ZMQ_RCVHWM, "RCVHWM") }
}

extension SocketOption where Value == Int64 {
    /// The largest part that may arrive, bytes; −1 is no limit.
    ///
    /// The sender of a larger part is disconnected.
    package static var maximumPartBytes: Self { Self(ZMQ_MAXMSGSIZE, "MAXMSGSIZE") }
}

extension SocketOption where Value == Duration {
    /// How long a closed socket still tries to send its queue.
    package static var linger: Self { Self(ZMQ_LINGER, "LINGER") }
    /// Unacknowledged data older than this breaks the connection.
    ///
    /// It finds a network partition that TCP keep-alive misses.
    package static var tcpMaximumRetransmission: Self { Self(ZMQ_TCP_MAXRT, "TCP_MAXRT") }
    /// The longest handshake; a connection that takes longer is closed.
    package static var handshakeTimeout: Self { Self(ZMQ_HANDSHAKE_IVL, "HANDSHAKE_IVL") }
    /// The first pause before connecting again.
    package static var reconnectInterval: Self { Self(ZMQ_RECONNECT_IVL, "RECONNECT_IVL") }
    /// The longest pause; each pause is twice the one before.
    package static var reconnectIntervalMaximum: Self { Self(ZMQ_RECONNECT_IVL_MAX, "RECONNECT_IVL_MAX") }
}

extension SocketOption where Value == String {
    /// The endpoint of the last bind or connect, with its port number in place of a wildcard; read-only.
    package static var lastEndpoint: Self { Self(ZMQ_LAST_ENDPOINT, "LAST_ENDPOINT") }
    /// The domain that libzmq names to the ZAP handler.
    package static var zapDomain: Self { Self(ZMQ_ZAP_DOMAIN, "ZAP_DOMAIN") }
}

extension SocketOption where Value == CurvePublicKey {
    /// The public key of this side.
    package static var curvePublicKey: Self { Self(ZMQ_CURVE_PUBLICKEY, "CURVE_PUBLICKEY") }
    /// The public key that the server must prove.
    package static var curveServerKey: Self { Self(ZMQ_CURVE_SERVERKEY, "CURVE_SERVERKEY") }
}

extension SocketOption where Value == CurveSecretKey {
    /// The secret key of this side.
    package static var curveSecretKey: Self { Self(ZMQ_CURVE_SECRETKEY, "CURVE_SECRETKEY") }
}
