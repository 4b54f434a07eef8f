// SPDX-License-Identifier: Apache-2.0
#include "design/step_order.h"

#include <gtest/gtest.h>

namespace keelson::design {
namespace {

TEST(StepOrder, takesBackWhatWasDoneLastWhereverItWasDone)
{
    StepOrder order;
    const Arrangement before{{{7, {1, 2}}}, {}};
    const Arrangement after{{{7, {30, 40}}}, {{"front", {{7}, true}}}};
    order.note(1, 1, 0);
    order.note(2, 1, 0);
    order.noteArrangement(before);
    order.note(1, 2, 0);
    EXPECT_EQ(order.undo(after)->manifests, (std::vector<std::uint64_t>{1}));
    EXPECT_EQ(order.undo(after)->arrangement, before);
    EXPECT_EQ(order.undo(before)->manifests, (std::vector<std::uint64_t>{2}));
    EXPECT_EQ(order.undo(before)->manifests, (std::vector<std::uint64_t>{1}));
    EXPECT_FALSE(order.canUndo());
    EXPECT_EQ(order.redo(before)->manifests, (std::vector<std::uint64_t>{1}));
    EXPECT_EQ(order.redo(before)->manifests, (std::vector<std::uint64_t>{2}));
    EXPECT_EQ(order.redo(before)->arrangement, after);
    order.note(2, 2, 0);
    EXPECT_FALSE(order.canRedo()) << "what is new ends what could be redone";
}

TEST(StepOrder, followsWhatATextUndoesItself)
{
    StepOrder order;
    order.note(1, 1, 0);
    order.note(2, 1, 0);
    order.note(1, 0, 1); // undone in the editor
    EXPECT_EQ(order.undo({})->manifests, (std::vector<std::uint64_t>{2}));
    EXPECT_EQ(order.redo({})->manifests, (std::vector<std::uint64_t>{2}));
    order.note(1, 1, 0); // and redone there
    EXPECT_EQ(order.undo({})->manifests, (std::vector<std::uint64_t>{1}));
}

TEST(StepOrder, joinsWhatIsOneStep)
{
    StepOrder order;
    order.beginGroup();
    order.note(1, 1, 0);
    order.note(2, 1, 0);
    order.endGroup();
    EXPECT_EQ(order.undo({})->manifests, (std::vector<std::uint64_t>{1, 2}));
    EXPECT_FALSE(order.canUndo());
    order.redo({});
    order.forget(1);
    EXPECT_EQ(order.undo({})->manifests, (std::vector<std::uint64_t>{2}));
}

} // namespace
} // namespace keelson::design
