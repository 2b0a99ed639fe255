import SystemCalls
import Testing
import TreeCopy

@testable import Commands

/// What the options amount to, alone and together.
@Suite struct CopySettingsTests {
    private static let mask = FileMode(rawValue: 0o022)

    private func options(
        _ flags: [(CopyFlag, String?)], _ personality: CopyPersonality = .repot
    ) throws -> CopyOptions {
        try settings(flags, personality).options
    }

    private func settings(
        _ flags: [(CopyFlag, String?)], _ personality: CopyPersonality = .repot
    ) throws -> CopySettings {
        var settings = CopySettings(personality, mask: Self.mask)
        for (flag, argument) in flags { try settings.apply(flag, argument.map { Path($0) }) }
        try settings.finish()
        return settings
    }

    private func problem(_ flags: [(CopyFlag, String?)]) -> String? {
        do {
            _ = try settings(flags)
            return nil
        } catch let error as UsageError {
            return error.message.split(separator: "\n").first.map(String.init)
        } catch { return "\(error)" }
    }

    @Test func repotKeepsEverythingAndSharesNothing() throws {
        let options = try options([(.recursive, nil)])
        #expect(options.preserve == .all && options.strategy == .auto && !options.isStrict)
        #expect(options.dereference == .never && options.isRecursive && options.copiesSpecialFiles)
        #expect(options.linkPolicy == .any && options.existing == .overwrite(force: false))
        #expect(options.newMode == .masked(0o022) && !options.toleratesLostAttributes)
    }

    @Test func gnuKeepsNothingUnlessTold() throws {
        let options = try options([(.recursive, nil)], .gnu)
        #expect(options.preserve == [] && options.linkPolicy == .forced)
        #expect(try self.options([(.link, nil)], .gnu).isStrict)
        #expect(try self.options([(.archive, nil)], .gnu).toleratesLostAttributes)
    }

    @Test(arguments: [
        (flags: [CopyFlag](), gnu: Dereference.always, repot: Dereference.always),
        ([.recursive], .never, .never), ([.archive], .never, .never), ([.links], .never, .never),
        ([.recursive, .dereference], .always, .always), ([.noDereference], .never, .never),
        ([.recursive, .dereferenceOperands], .operands, .operands), ([.dereference, .noDereference], .never, .never),
        ([.noDereference, .dereference], .always, .always), ([.archive, .dereference], .always, .always),
        ([.link], .always, .always), ([.recursive, .link], .always, .never),
    ])
    func symlinksAreFollowedAsAsked(flags: [CopyFlag], gnu: Dereference, repot: Dereference) throws {
        #expect(try options(flags.map { ($0, nil) }, .gnu).dereference == gnu)
        #expect(try options(flags.map { ($0, nil) }).dereference == repot)
    }

    private static let lists: [(String?, Preserve)] = [
        (nil, [.mode, .ownership, .timestamps]), ("mode", [.mode]), ("mode,links", [.mode, .links]),
        ("xattr", [.attributes]), ("all", .all), ("time", [.timestamps]), ("own,li", [.ownership, .links]),
    ]

    @Test(arguments: lists)
    func listsOfAttributesAreRead(list: String?, preserve: Preserve) throws {
        #expect(try options([(.preserve, list)], .gnu).preserve == preserve)
        if let list {
            #expect(try options([(.noPreserve, list)]).preserve == Preserve.all.subtracting(preserve))
        }
    }

    @Test func laterOptionsAddAndTakeAway() throws {
        let kept = try options([(.preserveBasics, nil), (.noPreserve, "ownership"), (.preserve, "links")], .gnu)
        #expect(kept.preserve == [.mode, .timestamps, .links])
        #expect(try options([(.noPreserve, "mode")]).newMode == .fresh(0o022))
        #expect(try options([(.noClobber, nil), (.force, nil)]).existing == .skip)
        #expect(try options([(.force, nil)]).existing == .overwrite(force: true))
        #expect(try options([(.jobs, "7")]).workers == 7)
    }

    @Test(arguments: [
        (String?.none, StrategyChoice.reflink, true), ("always", .reflink, true), ("auto", .auto, false),
        ("never", .copy, false), ("al", .reflink, true),
    ])
    func reflinkChoosesTheStrategy(word: String?, strategy: StrategyChoice, isStrict: Bool) throws {
        let options = try options([(.reflink, word)])
        #expect(options.strategy == strategy && options.isStrict == isStrict)
    }

    @Test(arguments: [
        ("hardlink", StrategyChoice.hardlink), ("h", .hardlink), ("reflink", .reflink), ("copy", .copy),
        ("auto", .auto),
    ])
    func strategyIsNamed(word: String, strategy: StrategyChoice) throws {
        let options = try options([(.strategy, word)])
        #expect(options.strategy == strategy && !options.isStrict)
    }

    @Test func mistakesAreNamed() {
        #expect(problem([(.preserve, "size")]) == "invalid argument 'size' for '--preserve'")
        #expect(problem([(.preserve, "")]) == "ambiguous argument '' for '--preserve'")
        #expect(problem([(.noPreserve, "mode,")]) == "ambiguous argument '' for '--no-preserve'")
        #expect(problem([(.sparse, "a")]) == "ambiguous argument 'a' for '--sparse'")
        #expect(problem([(.reflink, "maybe")]) == "invalid argument 'maybe' for '--reflink'")
        #expect(problem([(.jobs, "0")]) == "invalid number of workers '0': give one from 1 to 1024")
        #expect(problem([(.jobs, "x")]) == "invalid number of workers 'x': give one from 1 to 1024")
        #expect(problem([(.targetDirectory, "a"), (.targetDirectory, "b")]) == "multiple target directories specified")
        #expect(problem([(.reflink, nil), (.sparse, "never")]) == "--reflink can be used only with --sparse=auto")
        #expect(problem([(.reflink, "auto"), (.sparse, "never")]) == nil)
    }
}
