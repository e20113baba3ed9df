import Foundation
import Host
import Testing

@testable import Dashboard

@Suite struct AddressTests {
    @Test(arguments: [
        ("127.0.0.1:8765", "127.0.0.1", 8765), ("localhost:0", "localhost", 0), ("[::1]:80", "::1", 80),
    ])
    func `an address is a host and a port`(text: String, host: String, port: UInt16) throws {
        let address = try DashboardAddress(text)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.description == text)
    }

    @Test(arguments: ["", "8765", ":8765", "localhost", "localhost:", "localhost:70000", "::1:80", "[]:80"])
    func `what is no address is refused with an example`(text: String) {
        let error = #expect(throws: DashboardError.self) { try DashboardAddress(text) }
        #expect(error?.description.contains("127.0.0.1:8765") == true)
    }

    @Test func `a port in use is one sentence with the remedy`() throws {
        let first = try Listener(binding: DashboardAddress("127.0.0.1:0"))
        defer { first.close() }
        let place = try DashboardAddress("127.0.0.1:\(first.port)")
        let error = #expect(throws: DashboardError.self) { try Listener(binding: place) }
        #expect(
            error?.description
                == "the dashboard cannot use \(place): another program listens there; give another port, or port 0 "
                + "for a free one")
    }

    @Test func `a listener is taken over by its descriptor, and nothing else is`() throws {
        let listener = try Listener(binding: DashboardAddress("127.0.0.1:0"))
        defer { listener.close() }
        let taken = try Listener(listening: listener.descriptor)
        #expect(taken.port == listener.port)
        #expect(taken.url == "http://127.0.0.1:\(listener.port)")
        #expect(throws: DashboardError.self) { try Listener(listening: STDERR_FILENO) }
    }
}
