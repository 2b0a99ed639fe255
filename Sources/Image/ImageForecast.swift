extension ImageSpec {
    /// Which of its layers would be written: those that are not remembered, or are not where the image goes.
    ///
    /// - Parameter layout: where it goes; nil where no layer is yet.
    public func isWritten(to layout: ImageLayout?) -> [Bool] {
        var stack: [Digest]? = base?.layers.map(\.diffID) ?? []
        return layers.map { plan in
            guard let key = LayerCache.key(plan, options), let blob = cache?.blob(key) else {
                stack = nil
                return true
            }
            stack?.append(blob.diffID)
            let isHeld = stack.map(held.contains) ?? false
            return !isHeld && layout?.blobs.has(blob.descriptor.digest, size: blob.descriptor.size) != true
        }
    }
}
