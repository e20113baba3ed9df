/// A response and everything that stands before it, as token ids.
package struct PromptedResponse: Sendable, Hashable {
    package let prompt: [Int32]
    package let response: [Int32]

    package init(prompt: [Int32], response: [Int32]) {
        self.prompt = prompt
        self.response = response
    }
}
