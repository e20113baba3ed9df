import Primitives

/// The hosts of `launch ssh`, one a line, in the format of MPI hostfiles.
///
///     # two machines
///     node1 slots=4
///     me@node2          # one slot
///
/// A name is anything that `ssh NAME` accepts; ports, users and keys belong in OpenSSH's own configuration.
package struct HostFile: Sendable, Hashable {
    package struct Host: Sendable, Hashable {
        package let name: String
        /// Workers that it can run, 1 to 1024.
        package let slots: Int
    }

    /// The workers of one host.
    package struct Share: Sendable, Hashable {
        package let host: String
        package let workers: Int

        package init(host: String, workers: Int) {
            self.host = host
            self.workers = workers
        }
    }

    package let path: String
    package let hosts: [Host]

    /// Reads the text of a hostfile.
    ///
    /// - Parameter path: what errors call the file.
    /// - Throws: `LaunchError` with the line's number.
    package init(_ text: String, path: String) throws {
        self.path = path
        var lines: [String: Int] = [:]
        var hosts: [Host] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            func failure(_ reason: String) -> LaunchError {
                LaunchError(.usage, "\(path) line \(index + 1): \(reason)")
            }
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init)
            guard let name = words.first else { continue }
            guard Self.isName(name) else {
                throw failure("\"\(name)\" is no host name; write HOST or USER@HOST, then slots=N")
            }
            if let earlier = lines.updateValue(index + 1, forKey: name) {
                throw failure("\(name) is listed in line \(earlier) already; give it all its slots there")
            }
            var slots: Int?
            for word in words.dropFirst() {
                guard slots == nil else { throw failure("\"\(word)\" is unexpected; write HOST slots=N") }
                slots = try Self.slots(word, failure)
            }
            hosts.append(Host(name: name, slots: slots ?? 1))
        }
        guard !hosts.isEmpty else {
            throw LaunchError(.usage, "\(path) lists no host; write one a line, as in: node1 slots=4")
        }
        self.hosts = hosts
    }

    package var slots: Int { hosts.reduce(0) { $0 + $1.slots } }

    /// Spreads workers over the hosts, one to each in turn while it has slots.
    ///
    /// - Parameter workers: nil for one worker in every slot.
    /// - Returns: the hosts that get workers, in the file's order.
    /// - Throws: `LaunchError` when there are too few slots.
    package func shares(of workers: Int?) throws -> [Share] {
        let wanted = workers ?? slots
        guard wanted <= slots else {
            throw LaunchError(
                .usage,
                "\(wanted) workers do not fit into the \(slots) slots of \(path); add hosts, or raise their slots=N"
            )
        }
        var counts = hosts.map { _ in 0 }
        var left = wanted
        while left > 0 {
            for index in hosts.indices where left > 0 && counts[index] < hosts[index].slots {
                counts[index] += 1
                left -= 1
            }
        }
        return zip(hosts, counts).filter { $0.1 > 0 }.map { Share(host: $0.0.name, workers: $0.1) }
    }

    private static func slots(_ word: String, _ failure: (String) -> LaunchError) throws -> Int {
        guard let equals = word.firstIndex(of: "=") else {
            throw failure("\"\(word)\" after the host is no key=value; write slots=N")
        }
        let key = String(word[..<equals])
        let value = word[word.index(after: equals)...]
        guard key == "slots" else {
            let hint = NearestName.first(key, among: ["slots"]).map { "did you mean \($0)?" }
            throw failure("unknown key \"\(key)\"; \(hint ?? "the one key is slots")")
        }
        guard let number = Int(value), (1...1024).contains(number) else {
            throw failure("slots=\(value) is no number from 1 to 1024")
        }
        return number
    }

    /// A name that begins with a dash would be an option of ssh.
    private static func isName(_ name: String) -> Bool {
        guard let first = name.first, first.isLetter || first.isNumber || first == "_" || first == "[" else {
            return false
        }
        return name.utf8.count <= 96
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "@._-:[]%".contains($0)) }
    }
}
