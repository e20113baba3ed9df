import Primitives
import Scheduling
import Wire

extension Simulation {
    private func peer(_ number: Int) -> PeerID {
        let connection = workers[number].connection
        return PeerID(
            bytes: [UInt8(number), UInt8(connection >> 8 & 0xFF), UInt8(connection & 0xFF)],
            address: "worker-\(number)#\(connection)")
    }

    private var isFaulty: Bool { clock < plan.faultsEnd }

    mutating func sendToCoordinator(_ number: Int, _ envelope: Envelope<WorkerMessage>) {
        var envelope = envelope
        if number >= plan.workers - plan.evilWorkers, isFaulty { envelope = corrupted(envelope) }
        if sabotage == .losesResults, case .result = envelope.message { return }
        if plan.usesCoder, let decoded = recoded(envelope) { envelope = decoded }
        let peer = peer(number)
        guard !isCut[number] else { return }
        deliver(.toCoordinator(peer, envelope))
    }

    mutating func sendToWorker(_ envelope: Envelope<CoordinatorMessage>, _ peer: PeerID) {
        var envelope = envelope
        let number = Int(peer.bytes[0])
        if plan.usesCoder {
            do {
                envelope = try MessageCoder.decodeCoordinatorMessage(try MessageCoder.encode(envelope))
            } catch {
                violate("a coordinator's message does not survive the wire: \(error)")
            }
        }
        guard !isCut[number] else { return }
        deliver(
            .toWorker(number, connection: Int(peer.bytes[1]) << 8 | Int(peer.bytes[2]), envelope))
    }

    private mutating func recoded(_ envelope: Envelope<WorkerMessage>) -> Envelope<WorkerMessage>? {
        do {
            return try MessageCoder.decodeWorkerMessage(try MessageCoder.encode(envelope))
        } catch {
            // A broken result that our coder refuses is delivered as it is, because other senders have other coders.
            return nil
        }
    }

    /// Loses, doubles or delays a message, or keeps it for later.
    private mutating func deliver(_ what: What) {
        guard isFaulty else {
            after(0.001...0.01, what)
            return
        }
        if random.chance(plan.replay) { after(1...20, what) }
        if random.chance(plan.loss) { return }
        after(plan.delay, what)
        if random.chance(plan.duplication) { after(plan.delay, what) }
    }

    private mutating func corrupted(_ envelope: Envelope<WorkerMessage>) -> Envelope<WorkerMessage> {
        guard case .result(let result) = envelope.message, random.chance(0.5) else { return envelope }
        let kind = EvilResult.allCases[random.below(EvilResult.allCases.count)]
        return Envelope(stamp: envelope.stamp, message: .result(kind.broken(result)))
    }

    // MARK: - Processes

    mutating func scheduleFaults() {
        let window = plan.faultsEnd.microseconds
        func at(_ simulation: inout Simulation) -> Int { simulation.random.below(window) }
        for _ in 0..<plan.workerKills {
            queue.push(.fault(.killWorker(random.below(plan.workers))), at: at(&self))
        }
        for number in 0..<plan.workerLosses {
            queue.push(.fault(.loseWorker(plan.workers - 1 - number)), at: at(&self))
        }
        for _ in 0..<plan.workerPauses {
            let length = 1_000_000 + random.below(14_000_000)
            queue.push(.fault(.pauseWorker(random.below(plan.workers), length)), at: at(&self))
        }
        for _ in 0..<plan.workerTerminations {
            queue.push(.fault(.terminateWorker(random.below(plan.workers))), at: at(&self))
        }
        for _ in 0..<plan.coordinatorKills { queue.push(.fault(.killCoordinator), at: at(&self)) }
        for _ in 0..<plan.coordinatorPauses {
            queue.push(.fault(.pauseCoordinator(1_000_000 + random.below(14_000_000))), at: at(&self))
        }
        for _ in 0..<plan.coordinatorTerminations {
            queue.push(.fault(.terminateCoordinator), at: at(&self))
        }
        for _ in 0..<plan.partitions {
            let (worker, start) = (random.below(plan.workers), at(&self))
            queue.push(.fault(.cut(worker)), at: start)
            queue.push(.fault(.heal(worker)), at: start + 1_000_000 + random.below(15_000_000))
        }
    }

    mutating func apply(_ fault: Fault) {
        note("FAULT \(fault)")
        switch fault {
        case .killWorker(let number):
            guard workers[number].state != nil else { return }
            workers[number].state = nil
            after(0.2...3, .startWorker(number))
        case .loseWorker(let number):
            workers[number].state = nil
            workers[number].isLost = true
        case .pauseWorker(let number, let length):
            workers[number].pausedUntil = max(workers[number].pausedUntil, now + length)
        case .terminateWorker(let number): tell(number, .terminate)
        case .killCoordinator:
            guard coordinator.state != nil else { return }
            coordinator.state = nil
            after(0.2...3, .startCoordinator)
        case .pauseCoordinator(let length):
            coordinator.pausedUntil = max(coordinator.pausedUntil, now + length)
        case .terminateCoordinator:
            guard coordinator.step < plan.steps else { return }
            tell(.shutdown(.interrupted))
        case .cut(let number): isCut[number] = true
        case .heal(let number): isCut[number] = false
        }
    }
}
