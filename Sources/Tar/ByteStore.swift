/// Bytes of a worker, one after the other, in memory that it keeps from batch to batch.
struct ByteStore: ~Copyable {
    private var memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(capacity: Int) { memory = .allocate(byteCount: capacity, alignment: 4096) }

    deinit { memory.deallocate() }

    mutating func removeAll() { count = 0 }

    mutating func append(_ bytes: [UInt8]) {
        reserve(bytes.count)
        memory[count..<(count + bytes.count)].copyBytes(from: bytes)
        count += bytes.count
    }

    mutating func appendZeros(_ zeros: Int) {
        reserve(zeros)
        for place in count..<(count + zeros) { memory[place] = 0 }
        count += zeros
    }

    /// Room for that many bytes at the end, of which `keep` says how many stay.
    mutating func room(_ bytes: Int) -> UnsafeMutableRawBufferPointer {
        reserve(bytes)
        return UnsafeMutableRawBufferPointer(rebasing: memory[count..<(count + bytes)])
    }

    mutating func keep(_ bytes: Int) { count += bytes }

    /// Removes all bytes behind the first ones.
    mutating func truncate(to bytes: Int) { count = min(count, bytes) }

    func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[range]) }

    private mutating func reserve(_ more: Int) {
        if count + more <= memory.count { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(count + more, memory.count * 2), alignment: 4096)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
        memory.deallocate()
        memory = larger
    }
}
