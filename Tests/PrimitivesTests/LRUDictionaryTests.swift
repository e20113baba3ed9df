import Primitives
import Testing

struct `An LRU dictionary` {
    @Test func `stays within its capacity, and drops a quarter of the entries, those used longest ago`() {
        var dictionary = LRUDictionary<Int, String>(capacity: 8)
        for key in 0..<8 { dictionary[key] = "\(key)" }
        // Reading and setting use an entry.
        #expect(dictionary[0] == "0")
        dictionary[1] = "one"
        dictionary[8] = "8"
        #expect(dictionary.count == 7)
        #expect((0..<9).map { dictionary[$0] } == ["0", "one", nil, nil, "4", "5", "6", "7", "8"])
    }

    @Test func `never grows beyond its capacity, and keeps the newest entry`() {
        for capacity in 1...5 {
            var dictionary = LRUDictionary<Int, Int>(capacity: capacity)
            for key in 0..<100 {
                dictionary[key] = key
                #expect(dictionary.count <= capacity)
                #expect(dictionary[key] == key)
            }
        }
    }

    @Test func `a change of an entry drops no other`() {
        var dictionary = LRUDictionary<Int, Int>(capacity: 3)
        for key in 0..<3 { dictionary[key] = 0 }
        for value in 0..<10 { dictionary[1] = value }
        #expect(dictionary.count == 3 && dictionary[1] == 9)
        dictionary[1] = nil
        #expect(dictionary.count == 2 && dictionary[1] == nil)
    }

    @Test func `gives up the entries that fit, and only them`() {
        var dictionary = LRUDictionary<Int, Int>(capacity: 10)
        for key in 0..<10 { dictionary[key] = key * key }
        #expect(dictionary.removeAll { $0 % 2 == 0 }.sorted() == [0, 4, 16, 36, 64])
        #expect(dictionary.count == 5 && dictionary[3] == 9 && dictionary[2] == nil)
    }
}
