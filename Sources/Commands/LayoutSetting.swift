import Image
import SystemCalls

/// How an image layout is written to for a user who may interrupt it.
struct LayoutSetting {
    let syncs: Bool
    let isQuiet: Bool

    func layout(_ path: Path, makes: Bool) throws(PathError) -> ImageLayout {
        var layout = try ImageLayout(path, makes: makes)
        layout.syncs = syncs
        layout.patience = Patience(isCancelled: { Interrupt.signal != nil }) { [isQuiet] path in
            if !isQuiet { Console.line("repot: waiting for another run that writes to \(path.quoted)", to: .error) }
        }
        return layout
    }
}
