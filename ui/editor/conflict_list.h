// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "manifests/merge.h"

#include <QScrollArea>

#include <functional>

class QGridLayout;

namespace keelson::ui {

/// Fields that the text and somebody else have changed, a line each: the field, and both values to choose from.
class ConflictList : public QScrollArea {
    Q_OBJECT
public:
    using DecisionOf = std::function<std::optional<manifests::Side>(const manifests::MergeConflict&)>;

    explicit ConflictList(QWidget* parent = nullptr);

    /// Hidden when there are none.
    void show(const std::vector<manifests::MergeConflict>& conflicts, const DecisionOf& decisionOf);

signals:
    void decided(const keelson::manifests::MergeConflict& conflict, keelson::manifests::Side side);

private:
    void addRow(int row, const manifests::MergeConflict& conflict, std::optional<manifests::Side> decision);

    std::vector<manifests::MergeConflict> m_shown;
    QGridLayout* m_grid = nullptr;
};

} // namespace keelson::ui
