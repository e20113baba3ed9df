import Glibc

/// Signals are for the threads that expect them.
enum SignalMask {
    /// Keeps every signal away from this thread, so that none interrupts a poll.
    static func blockAll() {
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
    }
}
