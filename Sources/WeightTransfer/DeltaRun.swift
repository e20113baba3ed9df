/// The changed elements of one stretch of a blob: their places and their new bit patterns.
///
/// Patterns are overwritten, never added: applying a run twice is the same as once, and -0, infinities and
/// the bits of a NaN are kept.
///
///     start     8 bytes   first byte of the stretch in the blob
///     length    8         its bytes
///     width     4         bytes of an element: 2 or 4
///     count     4         elements that changed
///     gapBytes  4
///     gaps      gapBytes  for each of them, how many unchanged ones lie before it: 7 bits a byte, the lowest first,
///                         the highest bit set where another byte follows
///     lanes     width × count   their patterns: the lowest byte of all, then the next byte of all, …
///
/// Numbers are little-endian. Gaps stand together, and so do bytes of equal rank, because that packs best.
package enum DeltaRun {
    static let header = 28
    /// Longest stretch, bytes.
    static let longest = 16 << 20
    /// Largest run, bytes: all elements changed, each with a gap of one byte.
    package static let largest = header + longest + longest / 2

    /// The changes in `range` between two blobs; nil when nothing changed.
    static func bytes(
        from old: UnsafeRawBufferPointer, to new: UnsafeRawBufferPointer, in range: Range<Int>, width: Int
    ) -> [UInt8]? {
        let old = UnsafeRawBufferPointer(rebasing: old[range])
        let new = UnsafeRawBufferPointer(rebasing: new[range])
        return width == 2
            ? encode(UInt16.self, old, new, at: range.lowerBound)
            : encode(UInt32.self, old, new, at: range.lowerBound)
    }

    /// Number of elements whose patterns differ.
    static func changes(
        from old: UnsafeRawBufferPointer, to new: UnsafeRawBufferPointer, in range: Range<Int>, width: Int
    ) -> Int {
        let old = UnsafeRawBufferPointer(rebasing: old[range])
        let new = UnsafeRawBufferPointer(rebasing: new[range])
        return width == 2 ? count(UInt16.self, old, new) : count(UInt32.self, old, new)
    }

    /// Overwrites the changed elements.
    ///
    /// - Throws: `DeltaError` for anything that reaches beyond the blob, its stretch or the run itself;
    ///   elements overwritten before the error stay so.
    static func apply(
        _ run: UnsafeRawBufferPointer, to blob: UnsafeMutableRawBufferPointer
    ) throws(DeltaError) {
        guard run.count >= header else { throw DeltaError("a run of \(run.count) bytes has no header") }
        let start = run.loadUnaligned(fromByteOffset: 0, as: UInt64.self).littleEndian
        let length = run.loadUnaligned(fromByteOffset: 8, as: UInt64.self).littleEndian
        let width = Int(run.loadUnaligned(fromByteOffset: 16, as: UInt32.self).littleEndian)
        let count = Int(run.loadUnaligned(fromByteOffset: 20, as: UInt32.self).littleEndian)
        let gapBytes = Int(run.loadUnaligned(fromByteOffset: 24, as: UInt32.self).littleEndian)
        let blobBytes = UInt64(blob.count)
        guard start <= blobBytes, length <= blobBytes - start, width == 2 || width == 4,
            run.count == header + gapBytes + width * count
        else {
            throw DeltaError(
                "a run of \(run.count) bytes does not fit: \(count) elements of \(width) bytes, \(gapBytes) bytes of "
                    + "gaps, \(length) bytes at \(start) of \(blob.count)")
        }
        let stretch = UnsafeMutableRawBufferPointer(rebasing: blob[Int(start)..<Int(start + length)])
        try overwrite(
            stretch, width: width, count: count,
            gaps: UnsafeRawBufferPointer(rebasing: run[header..<header + gapBytes]),
            lanes: UnsafeRawBufferPointer(rebasing: run[(header + gapBytes)...]))
    }

    // MARK: Parts

    private static func overwrite(
        _ stretch: UnsafeMutableRawBufferPointer, width: Int, count: Int, gaps: UnsafeRawBufferPointer,
        lanes: UnsafeRawBufferPointer
    ) throws(DeltaError) {
        let elements = stretch.count / width
        var place = 0
        var next = 0
        for index in 0..<count {
            var gap = 0
            var shift = 0
            var more = true
            while more {
                // Four bytes hold every gap of the longest stretch.
                guard next < gaps.count, shift <= 21 else {
                    throw DeltaError("gap \(index) of \(count) has no end")
                }
                gap |= Int(gaps[next] & 0x7F) << shift
                more = gaps[next] & 0x80 != 0
                shift += 7
                next += 1
            }
            place += gap
            guard place < elements else {
                throw DeltaError("element \(place) is beyond a stretch of \(elements)")
            }
            for lane in 0..<width { stretch[place * width + lane] = lanes[lane * count + index] }
            place += 1
        }
        guard next == gaps.count else { throw DeltaError("\(gaps.count - next) bytes of gaps are left over") }
    }

    private static func count<Element: FixedWidthInteger & BitwiseCopyable>(
        _: Element.Type, _ old: UnsafeRawBufferPointer, _ new: UnsafeRawBufferPointer
    ) -> Int {
        let size = MemoryLayout<Element>.size
        var changed = 0
        for place in stride(from: 0, to: new.count - size + 1, by: size)
        where old.loadUnaligned(fromByteOffset: place, as: Element.self)
            != new.loadUnaligned(fromByteOffset: place, as: Element.self)
        {
            changed += 1
        }
        return changed
    }

    private static func encode<Element: FixedWidthInteger & BitwiseCopyable>(
        _: Element.Type, _ old: UnsafeRawBufferPointer, _ new: UnsafeRawBufferPointer, at start: Int
    ) -> [UInt8]? {
        let size = MemoryLayout<Element>.size
        var gaps: [UInt8] = []
        var values: [Element] = []
        var gap = 0
        for place in stride(from: 0, to: new.count - size + 1, by: size) {
            let value = new.loadUnaligned(fromByteOffset: place, as: Element.self)
            guard old.loadUnaligned(fromByteOffset: place, as: Element.self) != value else {
                gap += 1
                continue
            }
            while gap >= 0x80 {
                gaps.append(UInt8(truncatingIfNeeded: gap) | 0x80)
                gap >>= 7
            }
            gaps.append(UInt8(gap))
            gap = 0
            values.append(value.littleEndian)
        }
        guard !values.isEmpty else { return nil }
        var run: [UInt8] = []
        run.reserveCapacity(header + gaps.count + size * values.count)
        append(UInt64(start), to: &run)
        append(UInt64(new.count), to: &run)
        for number in [size, values.count, gaps.count] { append(UInt32(number), to: &run) }
        run += gaps
        for lane in 0..<size {
            for value in values { run.append(UInt8(truncatingIfNeeded: value >> (8 * lane))) }
        }
        return run
    }

    private static func append(_ number: some FixedWidthInteger, to run: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { run += $0 }
    }
}

/// Why a delta cannot be applied.
package struct DeltaError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
