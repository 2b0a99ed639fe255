import Dispatch
import Synchronization
import SystemCalls

/// Sees what goes through a stream, in order: an archive's bytes as they are, and as they leave. Either is called by
/// one at a time, both at once.
package protocol StreamObserver: Sendable {
    func isWritten(_ bytes: UnsafeRawBufferPointer)
    func leaves(_ bytes: UnsafeRawBufferPointer)
}

/// A pipe, or a file that is packed: what workers write at their places goes through a window of blocks, each of which
/// leaves it when it is full and its turn has come. Whoever has a block to look at, to pack or to write takes it.
///
/// Nobody waits for ever: the worker furthest behind writes inside the window, for all before it is complete.
final class StreamSink: ArchiveSink {
    private struct Slot {
        var filled = 0
        /// Full, and seen by whoever observes.
        var isObserved = false
        /// In the hands of one who packs it.
        var isTaken = false
        /// Packed where that is wanted.
        var isReady = false
        /// What is to be written: the block, or what it was packed into.
        var count = StreamSink.blockSize
    }

    /// What is to be done with a block.
    private enum Step {
        case observe(Int)
        case pack(Int)
        case emit(Int, count: Int)
    }

    private struct State {
        /// The number of the block that leaves the window next.
        var first = 0
        /// The number of the block that is observed next.
        var unobserved = 0
        var slots: [Slot]
        var isObserving = false
        var isFlushing = false
        var failure: Errno?
        var waiting: [DispatchSemaphore] = []
    }

    /// What is packed by itself. Larger ones pack better and need more memory: both grow slowly from here.
    static let blockSize = 1 << 20
    /// By so much bytes that cannot be packed may grow: zstd's bound is a 256th, libdeflate's 5 bytes in 5,000.
    private static let packingRoom = 8192
    private let file: Descriptor
    private let packer: (any BlockPacker)?
    private let observer: (any StreamObserver)?
    private let window: UnsafeWindow
    private let state: Mutex<State>

    /// - Parameter width: how many workers write.
    init(
        _ file: consuming Descriptor, _ packer: (any BlockPacker)?, _ observer: (any StreamObserver)? = nil, width: Int
    ) {
        file.widenPipe(to: Self.blockSize)
        self.file = file
        self.packer = packer
        self.observer = observer
        // A worker writes about one block at a time.
        let count = max(8, width)
        window = UnsafeWindow(blocks: count, size: Self.blockSize + Self.packingRoom)
        state = Mutex(State(slots: Array(repeating: Slot(), count: count)))
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(Errno) {
        var done = 0
        while done < bytes.count {
            let part = try part(at: offset + Int64(done), atMost: bytes.count - done)
            part.room.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[done..<(done + part.room.count)]))
            try settle(part)
            done += part.room.count
        }
    }

    func fill(
        _ count: Int64, at offset: Int64, _ scratch: UnsafeMutableRawBufferPointer,
        _ read: (UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Void
    ) throws(SinkError) {
        var done: Int64 = 0
        while done < count {
            let part: Part
            do throws(Errno) {
                part = try self.part(at: offset + done, atMost: Int(min(count - done, Int64(Self.blockSize))))
            } catch { throw .archive(error) }
            do throws(ArchiveError) { try read(part.room) } catch { throw .source(error) }
            do throws(Errno) { try settle(part) } catch { throw .archive(error) }
            done += Int64(part.room.count)
        }
    }

    func abandon() { fail(.brokenPipe) }

    /// The last block, which is not full, and what the format has at its end.
    func finish(_ size: Int64) throws(Errno) {
        let rest = Int(size % Int64(Self.blockSize))
        let number = Int(size / Int64(Self.blockSize))
        if rest > 0 {
            observer?.isWritten(UnsafeRawBufferPointer(window.block(number, count: rest)))
            try emit(number, try pack(number, count: rest))
        }
        if let end = packer?.end(isEmpty: size == 0), !end.isEmpty {
            try write(end)
        }
    }

    /// Room in one block.
    private struct Part {
        let number: Int
        let room: UnsafeMutableRawBufferPointer
    }

    /// Waits until the block is in the window.
    private func part(at offset: Int64, atMost count: Int) throws(Errno) -> Part {
        let number = Int(offset / Int64(Self.blockSize))
        let start = Int(offset % Int64(Self.blockSize))
        while let wait = try waitFor(number) { wait.wait() }
        let end = min(Self.blockSize, start + count)
        let block = window.block(number, count: Self.blockSize)
        return Part(number: number, room: UnsafeMutableRawBufferPointer(rebasing: block[start..<end]))
    }

    /// nil when the block is in the window.
    private func waitFor(_ number: Int) throws(Errno) -> DispatchSemaphore? {
        try state.withLock { state throws(Errno) in
            if let failure = state.failure { throw failure }
            if number < state.first + state.slots.count { return nil }
            let semaphore = DispatchSemaphore(value: 0)
            state.waiting.append(semaphore)
            return semaphore
        }
    }

    /// The room is filled. Whoever completes a block does all that can be done then.
    private func settle(_ part: Part) throws(Errno) {
        let place = part.number % window.count
        let isFull = state.withLock { state in
            state.slots[place].filled += part.room.count
            return state.slots[place].filled == Self.blockSize
        }
        guard isFull else { return }
        do throws(Errno) { while let step = nextStep() { try take(step) } } catch {
            fail(error)
            throw error
        }
    }

    /// What leaves makes room, what is observed may be packed: so in this order. Each step makes room for another,
    /// which its worker looks for afterwards, so that none is left over.
    private func nextStep() -> Step? {
        state.withLock { state in
            let first = state.slots[state.first % window.count]
            if !state.isFlushing, first.isReady {
                state.isFlushing = true
                return .emit(state.first, count: first.count)
            }
            let end = state.first + state.slots.count
            let next = state.slots[state.unobserved % window.count]
            if !state.isObserving, state.unobserved < end, next.filled == Self.blockSize {
                state.isObserving = true
                return .observe(state.unobserved)
            }
            for number in state.first..<state.unobserved {
                let place = number % window.count
                guard state.slots[place].isObserved, !state.slots[place].isTaken else { continue }
                state.slots[place].isTaken = true
                return .pack(number)
            }
            return nil
        }
    }

    private func take(_ step: Step) throws(Errno) {
        switch step {
        case .observe(let number):
            observer?.isWritten(UnsafeRawBufferPointer(window.block(number, count: Self.blockSize)))
            state.withLock { state in
                state.slots[number % window.count].isObserved = true
                state.unobserved += 1
                state.isObserving = false
            }
        case .pack(let number):
            let count = try pack(number, count: Self.blockSize)
            state.withLock { state in
                state.slots[number % window.count].count = count
                state.slots[number % window.count].isReady = true
            }
        case .emit(let number, let count):
            try emit(number, count)
            advance()
        }
    }

    /// Packs a block in place: what waits for its turn takes no further memory. Returns the size.
    private func pack(_ number: Int, count: Int) throws(Errno) -> Int {
        guard let packed = try packer?.pack(window.block(number, count: count)) else { return count }
        window.block(number, count: packed.count).copyBytes(from: packed)
        return packed.count
    }

    private func emit(_ number: Int, _ count: Int) throws(Errno) {
        let block = UnsafeRawBufferPointer(window.block(number, count: count))
        observer?.leaves(block)
        try file.write(all: block)
    }

    private func advance() {
        let waiting = state.withLock { state in
            state.slots[state.first % window.count] = Slot()
            state.first += 1
            state.isFlushing = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for semaphore in waiting { semaphore.signal() }
    }

    private func write(_ bytes: [UInt8]) throws(Errno) {
        try bytes.withUnsafeBufferPointer { bytes throws(Errno) in
            observer?.leaves(UnsafeRawBufferPointer(bytes))
            try file.write(all: UnsafeRawBufferPointer(bytes))
        }
    }

    private func fail(_ errno: Errno) {
        let waiting = state.withLock { state in
            if state.failure == nil { state.failure = errno }
            defer { state.waiting = [] }
            return state.waiting
        }
        for semaphore in waiting { semaphore.signal() }
    }
}

/// The memory of a window. Each part of it has one writer at a time: the sink's counts see to that.
final class UnsafeWindow: @unchecked Sendable {
    private let memory: UnsafeMutableRawBufferPointer
    private let size: Int
    let count: Int

    init(blocks: Int, size: Int) {
        memory = .allocate(byteCount: blocks * size, alignment: 4096)
        self.size = size
        count = blocks
    }

    deinit { memory.deallocate() }

    func block(_ number: Int, count bytes: Int) -> UnsafeMutableRawBufferPointer {
        let start = number % count * size
        return UnsafeMutableRawBufferPointer(rebasing: memory[start..<(start + bytes)])
    }
}
