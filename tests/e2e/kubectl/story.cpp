// SPDX-License-Identifier: Apache-2.0
#include "kubectl/story.h"

#include "support/control_plane_process.h"
#include "support/tree.h"

#include <fmt/format.h>

#include <cctype>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace keelson::e2e {
namespace {

using support::Outcome;

/// The keelsond that all stories share.
class Server : public testing::Environment {
public:
    void SetUp() override
    {
        m_folder = std::make_unique<support::TemporaryFolder>();
        m_process =
            std::make_unique<support::ControlPlaneProcess>(support::binaryFolder() + "/bin/keelsond", m_folder->path());
        if (!m_process->waitReady())
            throw std::runtime_error("keelsond did not become ready\n" + m_process->log());
    }
    void TearDown() override
    {
        EXPECT_EQ(m_process->process().stop(), 0) << m_process->log();
        m_process.reset();
        m_folder.reset();
    }
    std::filesystem::path folder() const { return m_folder->path(); }
    std::filesystem::path kubeconfig() const { return m_process->kubeconfig(); }

private:
    std::unique_ptr<support::TemporaryFolder> m_folder;
    std::unique_ptr<support::ControlPlaneProcess> m_process;
};

Server& server()
{
    static auto* const one = new Server; // googletest owns it
    return *one;
}
[[maybe_unused]] const auto* const registered = testing::AddGlobalTestEnvironment(&server());

struct Step {
    std::string command;
    std::string minor; ///< Only for that kubectl.
    bool patient = false;
    int exitCode = 0;
    std::vector<std::string> lines;
};

std::string withSingleBlanks(std::string_view line)
{
    std::string text;
    for (const char c : line) {
        const bool blank = c == ' ' || c == '\t' || c == '\r';
        if (!blank)
            text += c;
        else if (!text.empty() && text.back() != ' ')
            text += ' ';
    }
    if (!text.empty() && text.back() == ' ')
        text.pop_back();
    return text;
}

Step readCommand(std::string_view line)
{
    Step step;
    const auto blank = line.find(' ');
    auto sign = line.substr(1, blank - 1);
    step.patient = sign.ends_with('~');
    if (step.patient)
        sign.remove_suffix(1);
    step.minor = sign;
    step.command = line.substr(blank + 1);
    return step;
}

std::vector<Step> readSteps(std::string_view story)
{
    std::vector<Step> steps;
    std::istringstream lines{std::string(story)};
    for (std::string line; std::getline(lines, line);) {
        const auto text = withSingleBlanks(line);
        if (text.starts_with('$')) {
            steps.push_back(readCommand(line.substr(line.find('$'))));
        } else if (text.empty() || steps.empty()) {
            continue;
        } else if (text.size() >= 3 && text.front() == '[' && text.back() == ']' &&
                   text.find_first_not_of("0123456789", 1) == text.size() - 1) {
            steps.back().exitCode = std::stoi(text.substr(1));
        } else {
            steps.back().lines.push_back(text);
        }
    }
    return steps;
}

bool matches(std::string_view pattern, std::string_view text)
{
    if (pattern.empty())
        return text.empty();
    if (pattern.front() != '*')
        return !text.empty() && pattern.front() == text.front() && matches(pattern.substr(1), text.substr(1));
    for (std::size_t skip = 0; skip <= text.size(); ++skip) {
        if (matches(pattern.substr(1), text.substr(skip)))
            return true;
    }
    return false;
}

using Lines = std::vector<std::string>;

bool matches(Lines::const_iterator pattern, Lines::const_iterator patternEnd, Lines::const_iterator line,
             Lines::const_iterator lineEnd)
{
    if (pattern == patternEnd)
        return line == lineEnd;
    if (*pattern != "...")
        return line != lineEnd && matches(*pattern, *line) && matches(pattern + 1, patternEnd, line + 1, lineEnd);
    for (auto from = line;; ++from) {
        if (matches(pattern + 1, patternEnd, from, lineEnd))
            return true;
        if (from == lineEnd)
            return false;
    }
}

Lines linesOf(const Outcome& outcome)
{
    Lines said;
    const auto take = [&](const std::string& text, const std::string& mark) {
        std::istringstream lines{text};
        for (std::string line; std::getline(lines, line);) {
            if (auto words = withSingleBlanks(line); !words.empty())
                said.push_back(mark + words);
        }
    };
    take(outcome.output, "");
    take(outcome.error, "! ");
    return said;
}

/// What the commands of a story may call besides kubectl. `ready SELECTOR` does what an agent would: the pods that wait
/// run and are ready, each with an address of its own.
constexpr std::string_view shellFunctions = R"story(
kubectl() { "$KUBECTL" "$@"; }
k() { "$KUBECTL" -n "$NS" "$@"; }
status() {
    k replace --raw "/api/v1/namespaces/$NS/pods/$1/status" -f - >/dev/null <<END
{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "$1"}, "status": {"phase": "Running",
 "podIP": "$2", "podIPs": [{"ip": "$2"}],
 "conditions": [{"type": "Ready", "status": "$3", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}
END
}
ready() {
    for pod in $(k get pods -l "$1" --field-selector=status.phase=Pending -o jsonpath='{.items[*].metadata.name}'); do
        echo >> addresses
        status "$pod" "10.244.9.$(wc -l < addresses)" True
    done
}
)story";

} // namespace

void KubectlStory::SetUp()
{
    std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    name = name.substr(0, name.find('/'));
    for (char& c : name)
        c = static_cast<char>(std::tolower(c));
    m_namespace = fmt::format("{}-{}", name, GetParam().minor);
    m_folder = server().folder() / m_namespace;
    std::filesystem::create_directories(m_folder);
    play("$ kubectl create namespace $NS\nnamespace/* created\n"
         "$~ k get serviceaccount default -o name\nserviceaccount/default");
}

void KubectlStory::TearDown()
{
    play("$ kubectl delete namespace $NS --wait=false\nnamespace \"*\" deleted");
}

void KubectlStory::file(const std::string& name, std::string_view text) const
{
    support::writeFile(m_folder / name, text);
}

void KubectlStory::play(std::string_view story)
{
    const support::RunOptions options{.input = {},
                                      .environment = {{"KUBECTL", GetParam().program},
                                                      {"KUBECONFIG", server().kubeconfig()},
                                                      {"NS", m_namespace},
                                                      {"HOME", server().folder() / ("home-" + GetParam().minor)}},
                                      .limit = std::chrono::seconds{30}};
    for (const auto& step : readSteps(story)) {
        if (!step.minor.empty() && step.minor != GetParam().minor)
            continue;
        Outcome outcome;
        const auto holds = [&] {
            outcome = support::run(
                {"/bin/sh", "-c", fmt::format("cd {}\n{}\n{}", m_folder.string(), shellFunctions, step.command)},
                options);
            const auto said = linesOf(outcome);
            return outcome.exitCode == step.exitCode &&
                   matches(step.lines.begin(), step.lines.end(), said.begin(), said.end());
        };
        const bool held = step.patient ? support::eventually(std::chrono::seconds{20}, holds) : holds();
        ASSERT_TRUE(held) << "$ " << step.command << "\n"
                          << fmt::format("{}", fmt::join(linesOf(outcome), "\n")) << "\n[" << outcome.exitCode
                          << "]\ninstead of\n"
                          << fmt::format("{}", fmt::join(step.lines, "\n")) << "\n[" << step.exitCode << "]";
    }
}

namespace {

/// Debian's kubectl, and whatever newer one is in the PATH.
std::vector<Kubectl> kubectls()
{
    std::vector<Kubectl> found;
    const auto add = [&](const std::string& program) {
        const auto version = support::run({program, "version", "--client", "-o", "json"});
        constexpr std::string_view mark = "\"minor\": \"";
        const auto at = version.output.find(mark);
        if (!version.ok() || at == std::string::npos)
            return;
        const auto minor = version.output.substr(at + mark.size(), 2);
        for (const auto& other : found) {
            if (other.minor == minor)
                return;
        }
        found.push_back({program, minor});
    };
    const auto inPath = support::run({"/bin/sh", "-c", "command -v kubectl"}).output;
    add(inPath.substr(0, inPath.find('\n')));
    add(support::sourceFolder() + "/build/tools/kubectl-1.20");
    return found;
}

} // namespace

INSTANTIATE_TEST_SUITE_P(Kubectl, KubectlStory, testing::ValuesIn(kubectls()),
                         [](const auto& info) { return "v1_" + info.param.minor; });

} // namespace keelson::e2e
