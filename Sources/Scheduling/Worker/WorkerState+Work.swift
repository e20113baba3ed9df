import DequeModule
import Primitives
import Reinforcement

extension WorkerState {
    mutating func take(_ job: Job) {
        if isDraining {
            send(.goodbye(returning: [job.attempt]))
            return
        }
        if let index = pending.firstIndex(where: { $0.attempt == job.attempt }) {
            sendPending(index)
            return
        }
        guard running?.attempt != job.attempt, !recent.contains(job.attempt) else { return }
        queued = job
    }

    /// Starts the queued rollout if its policy is loaded, otherwise the fetch of the newest policy.
    mutating func proceed() {
        guard phase == .welcomed else { return }
        if running == nil, fetch == nil, let job = queued, let version,
            job.assignment.versions.contains(version)
        {
            queued = nil
            running = job
            outbox.append(.generate(job.attempt, job.assignment))
        }
        pursueNewest()
    }

    private mutating func pursueNewest() {
        guard let newest else { return }
        if let fetch {
            if fetch.version != newest { abandonFetch() }
            return
        }
        guard version != newest, now >= fetchRetry.nextAt else { return }
        if let running {
            // The rollout continues with the newer policy once that is loaded.
            guard !running.isAbandoned, running.assignment.goesOn(with: newest) else { return }
        } else {
            // The worker has no policy until the newer one is loaded.
            version = nil
        }
        fetch = Fetch(version: newest)
        outbox.append(.fetch(newest))
    }

    mutating func finishFetch(_ version: PolicyVersion, failure: String?) {
        guard let fetch, fetch.version == version else { return }
        self.fetch = nil
        if fetch.isAbandoned { return }
        guard let failure else {
            self.version = version
            fetchRetry = Retry()
            fetchTroubleSince = nil
            if phase == .welcomed { send(.ready(version)) }
            return
        }
        outbox.append(.note("policy \(version.rawValue) could not be fetched: \(failure)"))
        fetchRetry.record(at: now, first: timing.ping, longest: timing.silence)
        let since = fetchTroubleSince ?? now
        fetchTroubleSince = since
        if now - since >= timing.gone {
            exit(3, "no weights could be fetched for \((now - since).text): \(failure)")
        }
    }

    mutating func abandonFetch() {
        guard let fetch, !fetch.isAbandoned else { return }
        self.fetch?.isAbandoned = true
        outbox.append(.abandonFetch(fetch.version))
    }

    mutating func abandonRunning() {
        guard let running, !running.isAbandoned else { return }
        self.running?.isAbandoned = true
        outbox.append(.abandonRollout(running.attempt))
    }

    mutating func finishRollout(_ attempt: AttemptID, _ message: WorkerMessage) {
        guard let job = running, job.attempt == attempt else { return }
        running = nil
        if case .result(let result) = message {
            progress.responses += result.traces.count
            progress.tokens += result.tokenCount
        }
        if fetch != nil { version = nil }
        if job.isAbandoned { return }
        if isDraining, case .failed = message {
            // No problem was finished in time: the attempt is returned and does not count as failed.
            send(.goodbye(returning: [attempt]))
            exitIfDrained()
            return
        }
        deliver(attempt, message)
    }

    /// Reports that an assignment cannot be read, so that the coordinator stops sending it.
    mutating func refuse(_ attempt: AttemptID, reason: String) {
        guard attempt.incarnation == stamp.incarnation, !recent.contains(attempt) else { return }
        deliver(attempt, .failed(attempt, reason: "the assignment cannot be read: \(reason)"))
    }

    /// Sends a result or a failure until it is acknowledged.
    private mutating func deliver(_ attempt: AttemptID, _ message: WorkerMessage) {
        recent.append(attempt)
        if recent.count > Self.recentLimit { recent.removeFirst() }
        if pending.count >= Self.pendingLimit {
            outbox.append(.note("\(pending.removeFirst().attempt) was never acknowledged and is left"))
        }
        pending.append(Pending(attempt: attempt, message: message, retry: Retry()))
        if phase == .welcomed || isDraining { sendPending(pending.count - 1) }
    }

    mutating func sendPending(_ index: Int) {
        pending[index].retry.record(at: now, first: timing.ping, longest: timing.silence)
        send(pending[index].message)
    }
}
