import Reinforcement
package import Scheduling
package import Settings

extension RunConfiguration {
    /// How long workers wait for each event.
    package var workerTiming: WorkerTiming {
        WorkerTiming(
            ping: .seconds(deadlines.ping), silence: .seconds(deadlines.silence),
            gone: .seconds(deadlines.coordinatorGone), grace: .seconds(deadlines.grace))
    }

    /// Sets the values that the run's configuration gives; the others keep their defaults.
    package func configure(_ coordinator: inout SchedulerState.Configuration) {
        coordinator.timing = workerTiming
        coordinator.lengthLimits[.training] = rollout.maxNewTokens
        coordinator.silence = .seconds(deadlines.silence)
        coordinator.lease = .seconds(deadlines.lease)
        coordinator.resend = .seconds(deadlines.resend)
        coordinator.straggler = .seconds(deadlines.straggler)
    }
}
