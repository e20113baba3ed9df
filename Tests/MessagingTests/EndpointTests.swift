import Foundation
import Host
import Messaging
import Reinforcement
import Testing
import WeightTransfer

struct `Endpoints` {
    @Test(arguments: [
        "tcp://127.0.0.1:5555", "tcp://localhost:1", "tcp://node-3.cluster_a:65535", "tcp://[::1]:5555",
        "tcp://*:*",
        "tcp://127.0.0.1:*", "ipc:///run/ponder/control",
    ])
    func `what is well written is read and written back`(text: String) throws {
        #expect(try Endpoint(text).text == text)
    }

    @Test(arguments: [
        ("", "neither"), ("127.0.0.1:5555", "neither"), ("udp://127.0.0.1:5555", "neither"),
        ("tcp://127.0.0.1", "port is missing"), ("tcp://127.0.0.1:", "not a port"),
        ("tcp://127.0.0.1:0", "not a port"),
        ("tcp://127.0.0.1:65536", "not a port"), ("tcp://127.0.0.1:+80", "not a port"),
        ("tcp://:5555", "not a host"),
        ("tcp://a b:5555", "not a host"), ("tcp://user@host:5555", "not a host"),
        ("tcp://::1:5555", "not a host"),
        ("ipc://", "1 to 107 bytes"), ("ipc:///\(String(repeating: "x", count: 107))", "1 to 107 bytes"),
    ])
    func `what is not is refused with the reason and the right form`(text: String, reason: String) {
        let error = #expect(throws: EndpointError.self) { try Endpoint(text) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
        #expect(error?.description.contains("tcp://HOST:PORT") == true)
    }

    @Test(arguments: [
        "tcp://127.0.0.1:1", "tcp://127.8.9.10:1", "tcp://localhost:1", "tcp://[::1]:1", "ipc:///tmp/x",
    ])
    func `only this machine reaches a loopback address or a path`(text: String) throws {
        #expect(try Endpoint(text).isLocal)
    }

    @Test(arguments: [
        "tcp://0.0.0.0:1", "tcp://*:1", "tcp://10.0.0.1:1", "tcp://node1:1", "tcp://[::]:1",
        "tcp://127.evil.org:1",
        "tcp://127.0.0.1.evil.org:1", "tcp://128.0.0.1:1",
    ])
    func `an endpoint that others reach may not be bound as long as there are no keys`(text: String) throws {
        let endpoint = try Endpoint(text)
        #expect(!endpoint.isLocal)
        let error = #expect(throws: EndpointError.self) { try endpoint.checkedForBinding() }
        #expect(error == .openToOthers(text))
        #expect(error?.description.contains("bind to a loopback address") == true)
        #expect(error?.description.contains("--keys DIR") == true)
        #expect(try endpoint.checkedForBinding(.open) == endpoint)
        #expect(try endpoint.checkedForBinding(.keys(Keyring().allowList)) == endpoint)
    }

    @Test(arguments: ["*", "0.0.0.0", "[::]"])
    func `a wildcard is told to others as the addresses of this machine`(host: String) throws {
        let own = NetworkAddress.own.map(\.address.text)
        let shown = try Endpoint("tcp://\(host):5555").advertised
        #expect(!shown.isEmpty)
        for endpoint in shown {
            guard case .tcp(let address, 5555) = endpoint else {
                Issue.record("\(endpoint)")
                continue
            }
            #expect(own.contains(address.trimmingCharacters(in: ["[", "]"])), "\(address)")
            #expect(shown.count == 1 || !endpoint.isLocal)
        }
        #expect(try Endpoint("tcp://10.0.0.1:5555").advertised.map(\.text) == ["tcp://10.0.0.1:5555"])
    }

    @Test(arguments: ["localhost", "lo", HostName.own, "127.0.0.1", "*", "[::1]"])
    func `a name or an interface of this machine is bound as its address`(host: String) throws {
        let bound = try Endpoint("tcp://\(host):5555").onThisMachine()
        guard case .tcp(let address, 5555) = bound else {
            Issue.record("\(bound)")
            return
        }
        let own = NetworkAddress.own.map(\.address.text) + ["*"]
        #expect(own.contains(address.trimmingCharacters(in: ["[", "]"])) || bound.isLocal, "\(address)")
        if host == "lo" || host == "localhost" { #expect(bound == .tcp(host: "127.0.0.1", port: 5555)) }
    }

    @Test(arguments: [("nosuch.invalid", "neither a name nor an interface"), ("eth77", "neither a name")])
    func `an unknown name is refused before anything is bound`(host: String, part: String) throws {
        let endpoint = try Endpoint("tcp://\(host):5555")
        let error = #expect(throws: EndpointError.self) { try endpoint.onThisMachine() }
        #expect(error?.description.contains(part) == true, "\(String(describing: error))")
        #expect(error?.description.contains("bind to an address") == true)
    }

    @Test(arguments: [
        ("tcp://127.0.0.1:5555", "tcp://127.0.0.1:5556"), ("tcp://127.0.0.1:*", "tcp://127.0.0.1:*"),
        ("ipc:///tmp/control", "ipc:///tmp/control-weights"),
    ])
    func `the weights are the control port's neighbour`(control: String, weights: String) throws {
        #expect(try Endpoint(control).weightsNeighbour.text == weights)
    }

    @Test func `the last port has no neighbour`() throws {
        let error = #expect(throws: EndpointError.self) {
            try Endpoint("tcp://127.0.0.1:65535").weightsNeighbour
        }
        #expect(error?.description.contains("--weights-bind") == true)
    }

    @Test func `a worker finds the weights on the host it has dialed`() throws {
        let control = try Endpoint("tcp://node1:5555")
        #expect(try control.weights(at: .port(6000)).text == "tcp://node1:6000")
        #expect(try control.weights(at: .endpoint("ipc:///tmp/w")).text == "ipc:///tmp/w")
        #expect(throws: EndpointError.badWeightsPort(70_000)) { try control.weights(at: .port(70_000)) }
        #expect(throws: EndpointError.badWeightsPort(0)) { try control.weights(at: .port(0)) }
        #expect(throws: EndpointError.noHost(control: "ipc:///tmp/c", weightsPort: 6000)) {
            try Endpoint("ipc:///tmp/c").weights(at: .port(6000))
        }
    }

    @Test func `a bound endpoint is named to workers by what they cannot know`() throws {
        #expect(try Endpoint("tcp://127.0.0.1:6000").weightsAddress == .port(6000))
        #expect(try Endpoint("ipc:///tmp/w").weightsAddress == .endpoint("ipc:///tmp/w"))
    }
}
