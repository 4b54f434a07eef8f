// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/kinds.h"
#include "models/cluster.h"

#include <QDialog>

#include <vector>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QTreeWidget;

namespace keelson::ui {

/// Objects of a kind that are listed at most.
inline constexpr int importPerKindMax = 1'000;

/// Chooses objects of the cluster to be brought onto the canvas as manifests. What controllers made is not offered.
class ImportDialog : public QDialog {
    Q_OBJECT
public:
    ImportDialog(Cluster& cluster, const document::Kinds& kinds, QWidget* parent = nullptr);

    QTreeWidget* tree() const { return m_tree; }
    bool isSettled() const { return m_underWay == 0; }
    void checkAll(const QString& nameSpace); ///< Everything that is listed of that namespace.
    /// Of what is chosen, cleaned of what servers and controllers wrote.
    std::vector<api::Value> manifests() const;

private:
    void readKind(const api::Kind& kind, const QString& more, int known);
    void addObject(const api::Value& object, const QString& kind);
    void narrow();
    void refresh();

    Cluster& m_cluster;
    QComboBox* m_nameSpaces;
    QLineEdit* m_filter;
    QTreeWidget* m_tree;
    QLabel* m_state;
    QPushButton* m_import;
    std::vector<api::Value> m_objects;
    QStringList m_refused; ///< Kinds that may not be listed.
    int m_underWay = 0;
};

} // namespace keelson::ui
