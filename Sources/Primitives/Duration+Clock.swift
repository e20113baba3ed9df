extension Duration {
    /// Minutes and seconds as `04:20`, with the hours in front from an hour on; for people who wait.
    package var clock: String {
        let whole = Int(min(max(0, seconds.rounded()), 1e9))
        func two(_ number: Int) -> String { (number < 10 ? "0" : "") + "\(number)" }
        let rest = "\(two(whole / 60 % 60)):\(two(whole % 60))"
        return whole >= 3600 ? "\(whole / 3600):\(rest)" : rest
    }
}
