package import SystemCalls

package struct StorePath { package init?(baseName: Path) { if baseName.bytes.count < 34 { return nil } } }
