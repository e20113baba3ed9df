import CZeroMQ

/// One socket option and the type of its value.
///
///     try socket.set(.linger, .seconds(1))
///     try socket.get(.lastEndpoint)   // "tcp://127.0.0.1:41234"
package struct SocketOption<Value: SocketOptionValue>: Sendable {
    let code: Int32
    /// libzmq's name without the prefix, for messages.
    package let name: String

    init(_ code: Int32, _ name: String) {
        self.code = code
        self.name = name
    }
}

extension SocketOption where Value == Bool {
    /// Sending to an unknown or full peer is an error instead of a silent loss.
    ///
    /// ROUTER, write only.
    package static var routerMandatory: Self { Self(ZMQ_ROUTER_MANDATORY, "ROUTER_MANDATORY") }
    /// A new peer with a taken routing id replaces the old one.
    ///
    /// ROUTER, write only; leave it off.
    package static var routerHandover: Self { Self(ZMQ_ROUTER_HANDOVER, "ROUTER_HANDOVER") }
    /// IPv6 addresses as well as IPv4.
    package static var ipv6: Self { Self(ZMQ_IPV6, "IPV6") }
    /// Queue only for finished connections; it throws the queue away at every reconnect, so leave it off.
    package static var immediate: Self { Self(ZMQ_IMMEDIATE, "IMMEDIATE") }
    /// This socket is the CURVE server of its connections, whichever side binds.
    package static var curveServer: Self { Self(ZMQ_CURVE_SERVER, "CURVE_SERVER") }
    /// Connections are refused when no ZAP handler answers, instead of all accepted.
    package static var zapEnforceDomain: Self {
        Self(Int32(PONDER_ZMQ_ZAP_ENFORCE_DOMAIN), "ZAP_ENFORCE_DOMAIN")
    }
}

extension SocketOption where Value == Int32 {
    /// Messages that may wait to be sent to one peer.
    package static var sendHighWater: Self { Self(ZMQ_SNDHWM, "SNDHWM") }
    /// Messages of one peer that may wait to be received.
    package static var receiveHighWater: Self { Self(ZMQ_RCVHWM, "RCVHWM") }
    /// Connections that may wait to be accepted.
    package static var backlog: Self { Self(ZMQ_BACKLOG, "BACKLOG") }
    /// The security mechanism: 0 none, 1 password, 2 CURVE.
    ///
    /// Read only.
    package static var mechanism: Self { Self(ZMQ_MECHANISM, "MECHANISM") }
}

extension SocketOption where Value == Int64 {
    /// Largest part that may arrive, bytes; its sender is disconnected.
    ///
    /// −1 is no limit.
    package static var maximumPartBytes: Self { Self(ZMQ_MAXMSGSIZE, "MAXMSGSIZE") }
}

extension SocketOption where Value == Duration {
    /// How long a closed socket still tries to send what is queued.
    package static var linger: Self { Self(ZMQ_LINGER, "LINGER") }
    /// Unacknowledged data older than this breaks the connection: finds a partition that keep-alive misses.
    package static var tcpMaximumRetransmission: Self { Self(ZMQ_TCP_MAXRT, "TCP_MAXRT") }
    /// A connection that has not finished its handshake by then is closed.
    package static var handshakeTimeout: Self { Self(ZMQ_HANDSHAKE_IVL, "HANDSHAKE_IVL") }
    /// First pause before connecting again.
    package static var reconnectInterval: Self { Self(ZMQ_RECONNECT_IVL, "RECONNECT_IVL") }
    /// The pause doubles up to this.
    package static var reconnectIntervalMaximum: Self { Self(ZMQ_RECONNECT_IVL_MAX, "RECONNECT_IVL_MAX") }
    /// How long one TCP connect may take.
    package static var connectTimeout: Self { Self(ZMQ_CONNECT_TIMEOUT, "CONNECT_TIMEOUT") }
    /// ZMTP heartbeats; leave them at zero, they abort the process when the receive queue is full.
    package static var heartbeatInterval: Self { Self(ZMQ_HEARTBEAT_IVL, "HEARTBEAT_IVL") }
}

extension SocketOption where Value == String {
    /// The name a ROUTER knows this socket by; leave it unset, a second peer of the same name is cut off silently.
    package static var routingID: Self { Self(ZMQ_ROUTING_ID, "ROUTING_ID") }
    /// The endpoint of the last bind or connect, a wildcard port filled in.
    ///
    /// Read only.
    package static var lastEndpoint: Self { Self(ZMQ_LAST_ENDPOINT, "LAST_ENDPOINT") }
    /// The domain the ZAP handler is asked about.
    package static var zapDomain: Self { Self(ZMQ_ZAP_DOMAIN, "ZAP_DOMAIN") }
}

extension SocketOption where Value == CurvePublicKey {
    /// This side's own public key.
    package static var curvePublicKey: Self { Self(ZMQ_CURVE_PUBLICKEY, "CURVE_PUBLICKEY") }
    /// The public key the server must prove to have.
    package static var curveServerKey: Self { Self(ZMQ_CURVE_SERVERKEY, "CURVE_SERVERKEY") }
}

extension SocketOption where Value == CurveSecretKey {
    /// This side's own secret key.
    package static var curveSecretKey: Self { Self(ZMQ_CURVE_SECRETKEY, "CURVE_SECRETKEY") }
}
