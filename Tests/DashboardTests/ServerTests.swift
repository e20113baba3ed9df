import Foundation
import RunStore
import Testing

@testable import Dashboard

@Suite struct ServerTests {
    /// A server for the length of a test.
    private func serving(
        _ runs: [RunDirectory], token: String? = nil, patience: Connection.Patience = Connection.Patience(),
        _ body: (UInt16, DashboardServer) async throws -> Void
    ) async throws {
        let listener = try Listener(binding: DashboardAddress("127.0.0.1:0"))
        let server = try DashboardServer(
            listener, runs: runs.map(RunSource.init), token: token, files: SampleRun.page(),
            patience: patience)
        let task = Task { try await server.run() }
        do {
            try await body(listener.port, server)
        } catch {
            server.stop()
            try await task.value
            throw error
        }
        server.stop()
        try await task.value
    }

    @Test func `the page comes with a policy that runs and loads nothing foreign`() async throws {
        let run = try SampleRun()
        try await serving([run.directory]) { port, _ in
            let page = try await Client.get("/", port: port)
            #expect(page.hasPrefix("HTTP/1.1 200 OK\r\n") && page.contains("<title>Ponder</title>"))
            #expect(page.contains("Content-Security-Policy: default-src 'none'; script-src 'self';"))
            #expect(page.contains("X-Content-Type-Options: nosniff"))
            for name in ["dashboard.js", "charts.js", "traces.js", "page.js", "dashboard.css", "icon.svg"] {
                #expect(try await Client.get("/\(name)", port: port).hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
            #expect(try await Client.get("/dygraph.min.js", port: port).hasSuffix("is not installed */"))
            for path in [
                "/../config.yaml", "/api", "/api/runs/1", "/api/runs/x", "/api/runs/0/audit.key", "//",
            ] {
                #expect(try await Client.get(path, port: port).hasPrefix("HTTP/1.1 404 "), "\(path)")
            }
        }
    }

    @Test func `a run is listed, shown, and its traces come in pages as they are`() async throws {
        let run = try SampleRun()
        let odd = "<think><script>alert(1)</script>\u{202E}שלום</think>2"
        for step in 1...3 { try run.record(step: step, response: odd) }
        try await serving([run.directory]) { port, _ in
            #expect(try await Client.get("/api/runs", port: port).contains("\"open\":\"<think>\""))
            #expect(try await Client.get("/api/runs/0", port: port).contains("\"revision\":1"))
            let page = try await Client.get("/api/runs/0/traces?limit=2", port: port)
            #expect(page.contains("Content-Type: application/json"))
            let body = try #require(page.components(separatedBy: "\r\n\r\n").last)
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
            let traces = try #require(object["traces"] as? [[String: Any]])
            #expect(traces.count == 2 && traces[0]["response"] as? String == odd)
            let next = try #require(object["next"] as? String)
            #expect(next == "1,training,0,0")
            let rest = try await Client.get("/api/runs/0/traces?limit=2&next=\(next)", port: port)
            #expect(rest.contains("\"version\":0") && rest.contains("\"next\":null"))
            #expect(try await Client.get("/api/runs/0/comparison", port: port).contains("\"next\":null"))
            let figures = try await Client.get("/metrics", port: port)
            #expect(figures.contains("text/plain; version=0.0.4") && figures.contains("\nponder_step 3\n"))
            #expect(try await Client.get("/metrics?run=1", port: port).hasPrefix("HTTP/1.1 404 "))
            // Nothing is streamed about a run that no process does.
            #expect(try await Client.get("/api/updates", port: port).hasPrefix("HTTP/1.1 204 "))
        }
    }

    // How soon is measured in a browser, by Scripts/test-dashboard, where nothing else runs.
    @Test func `a page of a live run hears of a step`() async throws {
        let run = try SampleRun()
        try run.record(step: 1)
        let lock = try RunLock.acquire(run.directory)
        try await serving([run.directory]) { port, _ in
            let client = try Client(port: port)
            client.send("GET /api/updates HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(await client.read(until: "\"revisions\":[1]").contains("text/event-stream"))
            try run.record(step: 2)
            #expect(await client.read(until: "\"revisions\":[2]").contains("\"live\":[true]"))
        }
        withExtendedLifetime(lock) {}
    }

    @Test func `a browser that never reads is let go, and others are served meanwhile`() async throws {
        let run = try SampleRun()
        // More than the system takes for a client that does not read.
        let size = 12_000_000
        try run.record(step: 1, response: String(repeating: "x", count: size))
        let patience = Connection.Patience(request: .milliseconds(300), answer: .milliseconds(300))
        try await serving([run.directory], patience: patience) { port, server in
            let deaf = try (0..<4).map { _ in try Client(port: port, receiveBuffer: 4096) }
            for client in deaf { client.send("GET /api/runs/0/traces HTTP/1.1\r\nHost: localhost\r\n\r\n") }
            // This one begins a request and does not end it.
            let slow = try Client(port: port)
            slow.send("GET / HTTP/1.1\r\nHost:")
            #expect(try await Client.get("/", port: port).hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(await slow.read().isEmpty)
            for _ in 0..<1000 where server.connections > 0 { try await Task.sleep(for: .milliseconds(20)) }
            #expect(server.connections == 0)
            for client in deaf { #expect(await client.read().utf8.count < size) }
        }
    }

    @Test func `clients beyond the limit are told so, and one that leaves makes room`() async throws {
        let run = try SampleRun()
        try await serving([run.directory]) { port, _ in
            var held = try (0..<DashboardServer.clients).map { _ in try Client(port: port) }
            #expect(await (try Client(port: port)).read().hasPrefix("HTTP/1.1 503 "))
            held.removeLast(8)
            var answer = ""
            for _ in 0..<100 where !answer.hasPrefix("HTTP/1.1 200 ") {
                try await Task.sleep(for: .milliseconds(20))
                answer = try await Client.get("/icon.svg", port: port)
            }
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
            withExtendedLifetime(held) {}
        }
    }

    @Test func `with a token nothing is read without it`() async throws {
        let run = try SampleRun()
        let token = "0123456789abcdefghij"
        try await serving([run.directory], token: token) { port, _ in
            for path in ["/", "/dashboard.js", "/api/runs", "/api/updates", "/metrics"] {
                #expect(try await Client.get(path, port: port).hasPrefix("HTTP/1.1 401 "), "\(path)")
                let answer = try await Client.get(
                    path, port: port, headers: ["Authorization: Bearer \(token)"])
                #expect(answer.hasPrefix("HTTP/1.1 20"), "\(path)")
            }
        }
    }

    @Test func `a server that leaves lets nobody in and keeps who is there`() async throws {
        let run = try SampleRun()
        let listener = try Listener(binding: DashboardAddress("127.0.0.1:0"))
        let server = try DashboardServer(
            listener, runs: [RunSource(run.directory)], token: nil, files: SampleRun.page())
        let task = Task { try await server.run() }
        let client = try Client(port: listener.port)
        client.send("GET /icon.svg HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(await client.read(until: "</svg>").hasPrefix("HTTP/1.1 200 "))
        server.leave()
        try await task.value
        client.send("GET /icon.svg HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(await client.read(until: "</svg>").hasPrefix("HTTP/1.1 200 "))
        #expect(throws: DashboardError.self) { try Client(port: listener.port) }
        server.stop()
    }
}
