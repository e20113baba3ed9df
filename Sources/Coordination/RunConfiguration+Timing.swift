import Reinforcement
package import Scheduling
package import Settings

extension RunConfiguration {
    /// How long workers wait, and for what.
    package var workerTiming: WorkerTiming {
        WorkerTiming(
            ping: .seconds(deadlines.ping), silence: .seconds(deadlines.silence),
            gone: .seconds(deadlines.coordinatorGone), grace: .seconds(deadlines.grace))
    }

    /// Sets what a run's configuration says of its coordinator; the rest stays as it is.
    package func configure(_ coordinator: inout SchedulerState.Configuration) {
        coordinator.timing = workerTiming
        coordinator.lengthLimits[.training] = rollout.maxNewTokens
        coordinator.silence = .seconds(deadlines.silence)
        coordinator.lease = .seconds(deadlines.lease)
        coordinator.resend = .seconds(deadlines.resend)
        coordinator.straggler = .seconds(deadlines.straggler)
    }
}
