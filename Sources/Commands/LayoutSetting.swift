import Image
import SystemCalls

/// How an image layout is written to for a user who may interrupt it.
struct LayoutSetting {
    let syncs: Bool
    let isQuiet: Bool

    func layout(_ path: Path, makes: Bool) throws(PathError) -> ImageLayout {
        var layout = try ImageLayout(path, makes: makes, syncs: syncs)
        if makes, !isQuiet, layout.hasLostIndex {
            Console.line(
                "repot: warning: \(path.appending("index.json").quoted) is empty, probably after a power cut; the tags "
                    + "of other images in the layout are lost", to: .error)
        }
        layout.patience = Patience(isCancelled: { Interrupt.signal != nil }) { [isQuiet] path in
            if !isQuiet { Console.line("repot: waiting for another run that writes to \(path.quoted)", to: .error) }
        }
        return layout
    }
}
