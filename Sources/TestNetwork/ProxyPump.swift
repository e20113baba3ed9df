import Glibc
import Primitives
import TestSupport

/// The connections of a `FaultProxy`, served by its thread.
final class ProxyPump: @unchecked Sendable {
    // Created by one thread and then used by one other thread only.
    private let listener: PlainSocket
    private let upstream: UInt16
    private var random: SplitMix
    private var links: [Link] = []
    private var done = FaultProxy.Counts()

    init(listener: PlainSocket, upstream: UInt16, random: SplitMix) {
        self.listener = listener
        self.upstream = upstream
        self.random = random
    }

    /// Bytes on their way, the same for each direction of a connection.
    private struct Stream {
        var segments: [(due: ContinuousClock.Instant, bytes: ArraySlice<UInt8>)] = []
        var lastDue = ContinuousClock.now
        var held = 0
        /// Whether its sender has ended writing.
        var isEnding = false
        var isOver = false
        var untilFlip: Int?
    }

    private final class Link {
        let ends: [Weather.Way: PlainSocket]
        var streams: [Weather.Way: Stream] = [.up: Stream(), .down: Stream()]
        let opensAt: ContinuousClock.Instant
        var isBroken = false

        /// - Parameter far: the side that was dialed; `near` is the side that dialed.
        init(near: PlainSocket, far: PlainSocket, opensAt: ContinuousClock.Instant) {
            ends = [.up: near, .down: far]
            self.opensAt = opensAt
        }

        var isOver: Bool { isBroken || streams.values.allSatisfy(\.isOver) }
    }

    private static let segment = 1448
    private static let window = 256 << 10

    /// Waits some milliseconds for events, and handles them.
    func turn(_ weather: Weather, resettingAll: Bool) -> FaultProxy.Counts {
        done = FaultProxy.Counts()
        wait(weather)
        if resettingAll { for link in links { breakUp(link) } }
        while let near = listener.accepted() { open(near, weather) }
        for link in links where !link.isBroken && link.opensAt <= .now {
            for way in Weather.Way.allCases where !weather.silent.contains(way) {
                move(link, way, weather)
            }
        }
        links.removeAll { $0.isOver }
        return done
    }

    func close() { links = [] }

    private func wait(_ weather: Weather) {
        var items = [pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)]
        for link in links where !link.isBroken {
            for (way, socket) in link.ends {
                let isReading =
                    !weather.silent.contains(way) && (link.streams[way]?.held ?? 0) < Self.window
                    && link.streams[way]?.isEnding == false && link.opensAt <= .now
                items.append(pollfd(fd: socket.descriptor, events: isReading ? Int16(POLLIN) : 0, revents: 0))
            }
        }
        // Data that falls due meanwhile waits these milliseconds, as on a bad network.
        poll(&items, nfds_t(items.count), 2)
        // A broken connection would wake `poll` repeatedly, even when no data is wanted from it.
        if items.contains(where: { $0.revents & Int16(POLLHUP | POLLERR) != 0 }) { usleep(500) }
    }

    private func open(_ near: PlainSocket, _ weather: Weather) {
        done.connections += 1
        guard !weather.refuses, let far = try? PlainSocket.connecting(to: upstream) else {
            near.resetOnClose()
            done.resets += 1
            return
        }
        links.append(Link(near: near, far: far, opensAt: .now + random.upTo(weather.opening)))
    }

    private func breakUp(_ link: Link) {
        for socket in link.ends.values { socket.resetOnClose() }
        link.isBroken = true
        done.resets += 1
    }

    private func move(_ link: Link, _ way: Weather.Way, _ weather: Weather) {
        guard var stream = link.streams[way], let source = link.ends[way],
            let target = link.ends[way == .up ? .down : .up], !stream.isOver
        else { return }
        link.streams[way] = nil
        if !stream.isEnding, stream.held < Self.window {
            if let bytes = source.read(atMost: 64 << 10) {
                take(bytes, way, weather, &stream)
            } else {
                stream.isEnding = true
            }
        }
        let now = ContinuousClock.now
        while let first = stream.segments.first, first.due <= now {
            guard let count = target.write(first.bytes) else {
                link.streams[way] = stream
                return breakUp(link)
            }
            stream.held -= count
            done.bytes += count
            if count == first.bytes.count {
                stream.segments.removeFirst()
            } else {
                stream.segments[0].bytes = first.bytes.dropFirst(count)
                break
            }
        }
        if stream.isEnding, stream.segments.isEmpty {
            stream.isOver = true
            target.finish()
        }
        link.streams[way] = stream
    }

    private func take(_ bytes: [UInt8], _ way: Weather.Way, _ weather: Weather, _ stream: inout Stream) {
        var bytes = bytes
        if way == .down, let distance = weather.bytesPerFlip { flip(&bytes, distance, &stream) }
        stream.held += bytes.count
        for start in stride(from: 0, to: bytes.count, by: Self.segment) {
            let part = bytes[start..<min(start + Self.segment, bytes.count)]
            var due = ContinuousClock.now + weather.delay + random.upTo(weather.jitter)
            if random.chance(weather.loss) {
                due += weather.retransmission
                done.losses += 1
            }
            // Bytes keep the order in which they were sent.
            due = max(due, stream.lastDue)
            if let rate = weather.bytesPerSecond { due += .seconds(Double(part.count) / Double(rate)) }
            stream.lastDue = due
            stream.segments.append((due, part))
        }
    }

    private func flip(_ bytes: inout [UInt8], _ distance: Int, _ stream: inout Stream) {
        var next = stream.untilFlip ?? random.below(2 * distance)
        while next < bytes.count {
            bytes[next] ^= 1 << UInt8(random.below(8))
            done.flips += 1
            next += 1 + random.below(2 * distance)
        }
        stream.untilFlip = next - bytes.count
    }
}

extension SplitMix {
    /// A random duration from zero to this limit.
    mutating func upTo(_ longest: Duration) -> Duration {
        longest == .zero ? .zero : duration(0...(Double(longest.microseconds) / 1e6))
    }
}
