import ArgumentParser

struct Stage: ParsableCommand { mutating func run() throws {} }
