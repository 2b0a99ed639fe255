import Synchronization
import SystemCalls

/// The files that `-u` leaves as they are.
extension Worker {
    /// Whether the source was modified after the destination, as far as the destination can store times.
    ///
    /// System calls are made only where the difference is below the possible resolution of the destination.
    /// Source: gnulib, utimecmp.
    func isNewer(_ source: Metadata, than present: Metadata, _ site: CopySite) throws(Failure) -> Bool {
        let (time, existing) = (source.modified, present.modified)
        if time <= existing { return false }
        guard run.options.preserve.contains(.timestamps), time.seconds - 2 < existing.seconds else { return true }
        let coarsest = TimeResolution(upperBoundOf: [present.accessed, present.changed, existing])
        if coarsest == .finest || coarsest.truncate(time) > existing { return true }
        let resolution = run.timeResolutions.resolution(of: present.identity.device) {
            // Without permission to create a file, the upper bound decides.
            (try? site.destination.timeResolution()) ?? coarsest
        }
        return resolution.truncate(time) > existing
    }

    /// Rebuilds the hard links of a source whose destination is up to date: a second name becomes a link to the first.
    ///
    /// GNU cp does this whether or not links are preserved.
    func linkUpToDate(_ site: CopySite, _ source: Metadata) throws(Failure) {
        guard run.options.actsAsGNU || run.options.preserve.contains(.links), source.links > 1 || site.follows
        else { return }
        while case .made(let place) = run.hardLinks.claim(source.identity) {
            if try link(site, to: place) { return }
            run.hardLinks.forget(source.identity, at: place)
        }
        site.parent?.holdsFirstLinks.store(true, ordering: .relaxed)
        run.hardLinks.settle(source.identity, at: HardLinkTable.Place(site))
    }
}
