/// A response after its prompt, as token ids, and the response tokens whose log-probability is wanted.
package struct PromptedResponse: Sendable, Hashable {
    package let prompt: [Int32]
    package let response: [Int32]
    /// The ranges in the response of the tokens whose log-probability is wanted, in order.
    package let targets: [Range<Int>]

    /// - Parameter targets: nil for the whole response.
    package init(prompt: [Int32], response: [Int32], targets: [Range<Int>]? = nil) {
        self.prompt = prompt
        self.response = response
        self.targets = targets ?? [response.indices]
    }
}
