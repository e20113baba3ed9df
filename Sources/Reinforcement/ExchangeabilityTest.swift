/// Tests, figure by figure, whether a series has begun to rise.
///
/// The hypothesis is that the figures are exchangeable: that every order of them is equally likely, as in a shuffled series
/// or in a run that does not learn. The test bets against it. Of `t` figures so far the newest has rank `r` when `r` of
/// them are at least as high; under the hypothesis every rank is equally likely, whatever the figures are, so a bet that
/// pays `(t / r) / (1 + 1/2 + … + 1/t)` is worth what it costs. A capital of 1 that grows to `limit` is therefore seen in at
/// most 1 of `limit` such series, however long they are (Ville's inequality).
///
/// This is a conformal test martingale (V. Vovk, I. Nouretdinov, A. Gammerman, *Testing exchangeability on-line*, ICML 2003).
/// A part of the capital is kept out of the bets and refills them, so that a rise after a long level stretch is found, too.
package struct ExchangeabilityTest: Sendable, Hashable {
    /// The capital at which the hypothesis is given up: a false alarm in at most 1 of 100 series.
    package static let limit = 100.0
    /// Share of the capital that is spread evenly over cash and bet before each figure.
    private static let exchange = 0.1
    /// Shares are counted in this many steps; figures that fall into the same one are equal, which only lowers the bet.
    private static let resolution = 1024

    private var cash = 0.5
    private var bet = 0.5
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
        total += 1
        harmonic += 1 / Double(total)
        let spread = Self.exchange * (cash + bet) / 2
        cash = (1 - Self.exchange) * cash + spread
        bet = ((1 - Self.exchange) * bet + spread) * Double(total) / Double(rank) / harmonic
        isRising = cash + bet >= Self.limit
    }

    /// Counts a figure in.
    ///
    /// - Returns: the number of figures, itself included, that are at least as high.
    private mutating func rank(_ share: Double) -> Int {
        let depth = Int(((1 - min(1, max(0, share))) * Double(Self.resolution)).rounded()) + 1
        var place = depth
        while place < tree.count {
            tree[place] += 1
            place += place & -place
        }
        var rank = 0
        place = depth
        while place > 0 {
            rank += tree[place]
            place -= place & -place
        }
        return rank
    }
}
