// SPDX-License-Identifier: Apache-2.0
#include "support/tree.h"
#include "tidy/rules.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace keelson::tidy {
namespace {

std::string messages(const std::vector<Finding>& findings)
{
    std::string text;
    for (const auto& finding : findings)
        text += finding.text() + "\n";
    return text;
}

std::string readFile(const std::filesystem::path& path)
{
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

const Modules& example()
{
    static const auto modules = Modules::parse("core/base: \ncore/store: base\ncore/controllers: base\n");
    return modules;
}

TEST(Tidy, saysWhatIsWrong)
{
    const std::string head = "// SPDX-License-Identifier: Apache-2.0\n";
    std::string longFunction = head + "void f()\n{\n";
    for (int i = 0; i <= functionLinesMax; ++i)
        longFunction += "    g();\n";
    longFunction += "}\n";
    std::string longFile = head;
    for (int i = 0; i < fileLinesMax; ++i)
        longFile += "//\n";
    struct Row {
        std::string path;
        std::string text;
        std::string expected;
    };
    const Row rows[] = {
        {"core/base/a.cpp", head + "#include \"base/b.h\"\n", ""},
        {"core/base/a.cpp", "int a;\n",
         "core/base/a.cpp:1: begins with the line SPDX-License-Identifier: Apache-2.0\n"},
        {"ui/kube/a.cpp", head, "ui/kube/a.cpp:1: begins with the line SPDX-License-Identifier: GPL-3.0-or-later\n"},
        {"core/base/a.h", head, "core/base/a.h:1: a header says #pragma once\n"},
        {"core/controllers/a.cpp", head + "#include \"store/store.h\"\n",
         "core/controllers/a.cpp:2: controllers does not depend on store\n"},
        {"core/store/a.cpp", head + "std::this_thread::sleep_for(1s);\n",
         "core/store/a.cpp:2: sleep_for() is banned: wait for the condition, or use Loop::after\n"},
        {"core/store/a.cpp", head + "// sleep_for(1s)\n", ""},
        {"core/store/utils.cpp", head,
         "core/store/utils.cpp:1: no file is called utils: a type lives with the module that owns its meaning\n"},
        {"core/store/a.cpp", longFunction, "core/store/a.cpp:3: a function of 71 lines, over 70\n"},
        {"core/store/a.cpp", longFile, "core/store/a.cpp:600: has 601 lines, over 600: the design wants a new part\n"},
    };
    for (const auto& row : rows)
        EXPECT_EQ(messages(checkFile(example(), row.path, row.text)), row.expected) << row.path;
}

TEST(Tidy, seesCircles)
{
    EXPECT_EQ(messages(checkModules(Modules::parse("core/a: b\ncore/b: a c\n"))),
              "modules.txt:0: a depends on itself by way of others\n"
              "modules.txt:0: b depends on c, which is not there\n"
              "modules.txt:0: b depends on itself by way of others\n");
}

TEST(Tidy, theTreeKeepsItsRules)
{
    namespace fs = std::filesystem;
    const fs::path root = support::sourceFolder();
    const auto modules = Modules::parse(readFile(fs::path(support::binaryFolder()) / "modules.txt"));
    auto findings = checkModules(modules);
    int files = 0;
    for (const auto* const top : {"core", "agents", "ui", "app", "tests"}) {
        for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
            const auto extension = entry.path().extension();
            if (extension != ".h" && extension != ".cpp")
                continue;
            ++files;
            const auto found =
                checkFile(modules, fs::relative(entry.path(), root).generic_string(), readFile(entry.path()));
            findings.insert(findings.end(), found.begin(), found.end());
        }
    }
    EXPECT_GT(files, 20) << "the walk found the tree";
    EXPECT_EQ(messages(findings), "");
}

} // namespace
} // namespace keelson::tidy
