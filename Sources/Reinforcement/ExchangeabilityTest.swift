import Primitives

/// Tests, figure by figure, whether a series has begun to rise.
///
/// The hypothesis is that the figures are exchangeable: that every order of them is equally likely, as in a shuffled series
/// or in a run that does not learn. The test bets against it. Of `t` figures so far the newest has rank `r`, 1 for the
/// highest; chance decides among equal figures. Under the hypothesis every rank is equally likely for any
/// figures, so a bet whose payments have the mean 1 over all ranks is worth what it costs. A capital of 1 that grows to `limit`
/// is therefore seen in at most 1 of `limit` such series, however long they are (Ville's inequality).
///
/// There are two kinds of bets, and each gets half of the capital. One pays `(t / r) / (1 + 1/2 + … + 1/t)`: it wins while
/// the series climbs. The other supposes that the series stands higher since `j` figures, and wins when the newest is among
/// the `j` highest: it finds a jump. Nobody knows when the rise begins, so `1 / (t (t + 1))` of the capital begins to bet
/// at figure `t`, and a rise after a long level stretch is found as fast as an early one.
///
/// This is a conformal test martingale (V. Vovk, I. Nouretdinov, A. Gammerman, *Testing exchangeability on-line*, ICML 2003).
package struct ExchangeabilityTest: Sendable, Hashable {
    /// The capital at which the hypothesis is given up: a false alarm in at most 1 of 100 series.
    package static let limit = 100.0
    /// Shares are counted in this many steps; those that fall into the same one are equal.
    private static let resolution = 1024
    /// Figures for which a bet on a jump goes on; its capital then bets on climbing.
    private static let memory = 64
    /// Share of a bet on a jump that is put on the other ranks.
    private static let caution = 0.1

    private var climbing = 0.0
    /// The capital of the bets on a jump, by where they suppose it, the oldest first.
    private var jumps: [Double] = []
    /// How many figures there are from the top down to each place: a Fenwick tree, so that a figure costs ten additions.
    private var tree = [Int](repeating: 0, count: resolution + 2)
    private var total = 0
    private var harmonic = 0.0
    /// Whether the series has been shown to rise; stays true.
    package private(set) var isRising = false

    package init() {}

    /// - Parameter share: the next figure, 0 to 1.
    package mutating func add(_ share: Double) {
        guard !isRising else { return }
        let rank = rank(share)
        let count = Double(total)
        let new = 0.5 / (count * (count + 1))
        harmonic += 1 / count
        climbing = (climbing + new) * count / Double(rank) / harmonic
        jumps.append(new)
        if jumps.count > Self.memory { climbing += jumps.removeFirst() }
        var sum = climbing
        for place in jumps.indices {
            let since = jumps.count - place
            if since < total {
                jumps[place] *=
                    rank <= since
                    ? (1 - Self.caution) * count / Double(since)
                    : Self.caution * count / Double(total - since)
            }
            sum += jumps[place]
        }
        // What has not begun to bet yet counts, too.
        isRising = sum + 1 / (count + 1) >= Self.limit
    }

    /// Counts a figure in, and gives its rank, 1 for the highest.
    private mutating func rank(_ share: Double) -> Int {
        let depth = Int(((1 - min(1, max(0, share))) * Double(Self.resolution)).rounded()) + 1
        count(depth)
        total += 1
        let higher = atLeast(depth - 1)
        // Keyed by the place in the series, so that a run that goes on draws the same.
        var chance = SplitMix64(state: UInt64(total))
        return higher + 1 + Int(chance.unit() * Double(atLeast(depth) - higher))
    }

    private mutating func count(_ depth: Int) {
        var place = depth
        while place < tree.count {
            tree[place] += 1
            place += place & -place
        }
    }

    /// The number of figures from the top down to a place.
    private func atLeast(_ depth: Int) -> Int {
        var sum = 0
        var place = depth
        while place > 0 {
            sum += tree[place]
            place -= place & -place
        }
        return sum
    }
}
