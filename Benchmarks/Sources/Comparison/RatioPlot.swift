import Measuring
import Plotting

/// How long each peer takes by repot's time, case by case, as a picture; nil when there is no peer.
func ratioPlot(_ results: [CaseResult], on machine: Machine) -> String? {
    BarPlot(
        title: "How long others take",
        subtitle: "Time as a multiple of repot's, median of paired rounds, logarithmic. \(machine.short)",
        reference: "repot", results.map(group)
    ).svg
}

/// `ext4-big-file` is for people `ext4 · big file`.
private func group(_ result: CaseResult) -> BarPlot.Group {
    let words = result.name.split(separator: "-")
    let job = words.dropFirst().joined(separator: " ")
    let name = [words.first.map(String.init) ?? "", job].filter { !$0.isEmpty }.joined(separator: " · ")
    return BarPlot.Group(name, result.peers.compactMap { bar($0, in: result) })
}

private func bar(_ peer: Performance, in result: CaseResult) -> BarPlot.Bar? {
    Spread(result.ratios(to: peer)).map { .init(peer.contender.name, $0, kind(peer)) }
}

private func kind(_ peer: Performance) -> BarPlot.Bar.Kind {
    if peer.contender.role == .floor { return .measure }
    return peer.losses.isEmpty ? .whole : .lossy
}
