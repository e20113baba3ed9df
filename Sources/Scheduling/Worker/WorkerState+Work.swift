import Primitives
import Reinforcement

extension WorkerState {
    mutating func take(_ job: Job, now: Duration, _ actions: inout [Action]) {
        if isDraining {
            send(.goodbye(returning: [job.attempt]), &actions)
            return
        }
        if let index = pending.firstIndex(where: { $0.attempt == job.attempt }) {
            sendPending(index, now: now, &actions)
            return
        }
        guard running?.attempt != job.attempt, !recent.contains(job.attempt) else { return }
        queued = job
    }

    /// Starts what can be started: the queued rollout when its policy is in place, else the fetch of the newest.
    mutating func proceed(now: Duration, _ actions: inout [Action]) {
        guard phase == .welcomed else { return }
        if running == nil, fetch == nil, let job = queued, let version,
            job.assignment.versions.contains(version)
        {
            queued = nil
            running = job
            actions.append(.generate(job.attempt, job.assignment))
        }
        pursueNewest(now: now, &actions)
    }

    private mutating func pursueNewest(now: Duration, _ actions: inout [Action]) {
        guard let newest else { return }
        if let fetch {
            if fetch.version != newest { abandonFetch(&actions) }
            return
        }
        guard version != newest, now >= fetchRetry.nextAt else { return }
        if let running {
            // What is generated goes on with the newer policy once that is whole.
            guard !running.isAbandoned, running.assignment.goesOn(with: newest) else { return }
        } else {
            // Until it is whole, the worker has no policy at all.
            version = nil
        }
        fetch = Fetch(version: newest)
        actions.append(.fetch(newest))
    }

    mutating func finishFetch(
        _ version: PolicyVersion, failure: String?, now: Duration, _ actions: inout [Action]
    ) {
        guard let fetch, fetch.version == version else { return }
        self.fetch = nil
        if fetch.isAbandoned { return }
        guard let failure else {
            self.version = version
            fetchRetry = Retry()
            fetchTroubleSince = nil
            if phase == .welcomed { send(.ready(version), &actions) }
            return
        }
        actions.append(.note("policy \(version.rawValue) could not be fetched: \(failure)"))
        fetchRetry.note(at: now, first: timing.ping, longest: timing.silence)
        let since = fetchTroubleSince ?? now
        fetchTroubleSince = since
        if now - since >= timing.gone {
            exit(3, "no weights could be fetched for \((now - since).seconds) s: \(failure)", &actions)
        }
    }

    mutating func abandonFetch(_ actions: inout [Action]) {
        guard let fetch, !fetch.isAbandoned else { return }
        self.fetch?.isAbandoned = true
        actions.append(.abandonFetch(fetch.version))
    }

    mutating func abandonRunning(_ actions: inout [Action]) {
        guard let running, !running.isAbandoned else { return }
        self.running?.isAbandoned = true
        actions.append(.abandonRollout(running.attempt))
    }

    mutating func finishRollout(
        _ attempt: AttemptID, _ message: WorkerMessage, now: Duration, _ actions: inout [Action]
    ) {
        guard let job = running, job.attempt == attempt else { return }
        running = nil
        if fetch != nil { version = nil }
        if job.isAbandoned { return }
        if isDraining, case .failed = message {
            // Nothing of it was done in time: given back, and nobody's failure.
            send(.goodbye(returning: [attempt]), &actions)
            exitIfDrained(&actions)
            return
        }
        recent.append(attempt)
        if recent.count > 16 { recent.removeFirst() }
        if pending.count >= Self.pendingLimit {
            actions.append(.note("\(pending[0].attempt) was never acknowledged and is left"))
            pending.removeFirst()
        }
        pending.append(Pending(attempt: attempt, message: message, retry: Retry()))
        if phase == .welcomed || isDraining { sendPending(pending.count - 1, now: now, &actions) }
    }

    mutating func sendPending(_ index: Int, now: Duration, _ actions: inout [Action]) {
        pending[index].retry.note(at: now, first: timing.ping, longest: timing.silence)
        send(pending[index].message, &actions)
    }
}
