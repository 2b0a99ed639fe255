import Tar

extension ImageSpec {
    /// Which of its layers would be written.
    ///
    /// - Parameter layout: where it goes; nil where no layer is yet.
    public func isWritten(to layout: ImageLayout?, _ isCancelled: () -> Bool) -> [Bool] {
        remembered(in: layout, isCancelled).map { $0 == nil }
    }

    /// What is remembered of layers that need not be written, nil for the others. What is where the image goes counts as
    /// long as all below it is there too.
    func remembered(in layout: ImageLayout?, _ isCancelled: () -> Bool) -> [LayerBlob?] {
        var stack: [Digest]? = base?.layers.map(\.diffID) ?? []
        return layers.map { plan in
            guard !rebuilds, let key = LayerCache.key(plan, options),
                let blob = cache?.blob(key, options.compression.layerType)
            else {
                stack = nil
                return nil
            }
            stack?.append(blob.diffID)
            if stack.map(held.contains) ?? false { return blob }
            return (try? layout?.blobs.isIntact(blob.descriptor, isCancelled)) == true ? blob : nil
        }
    }
}
