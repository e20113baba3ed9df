import Glibc

enum SignalMask {
    /// Blocks every signal on this thread, so that no signal interrupts a poll.
    static func blockAll() {
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
    }
}
