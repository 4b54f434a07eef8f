// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "editor/manifest_checker.h"
#include "editor/manifest_session.h"
#include "kube/api_client.h"
#include "models/cluster.h"

#include <QWidget>

class QLabel;
class QPushButton;
class QStackedLayout;

namespace keelson::ui {

class Banner;
class ClusterKnowledge;
class ManifestEditor;
class YamlView;

/// One object as text: checked as one types, compared with what is live, and applied after the server has tried it.
///
/// Applying: the server's dry run, then the difference that it would make, then, when the user says so, the change.
class YamlTab : public QWidget {
    Q_OBJECT
public:
    /// An existing object; or, with a null `item`, a new one from a template.
    YamlTab(Cluster& cluster, const ItemPtr& item, QWidget* parent = nullptr);
    ~YamlTab() override;

    ManifestEditor* editor() const { return m_editor; }
    QString text() const;
    void setText(const QString& text);
    bool isLoaded() const { return m_isLoaded; }
    bool isEdited() const { return m_isLoaded && text() != m_live; }
    /// Errors and warnings; hints about practices are for manifests, not for what runs.
    const std::vector<Finding>& problems() const { return m_problems; }
    bool isComparing() const; ///< The difference is shown, and waits for a yes.

    void apply();        ///< Dry run; then the difference is shown.
    void confirmApply(); ///< Carries out what was shown.
    void showDiff();     ///< Against what is live now.
    void backToText();

signals:
    void applied(const QString& what);
    void problemsChanged();

private:
    QWidget* buildBar();
    void load();
    void replaceText(const QString& text);
    void checked();
    void changed();
    Result<kube::Request> request(bool dryRun) const;
    void send(bool dryRun, const kube::ApiClient::Answer& answer);
    void refreshButtons();
    void showDifference(const QString& wanted);

    Cluster& m_cluster;
    ClusterKnowledge& m_knowledge;
    ItemPtr m_item;
    ManifestSession m_session;
    Manifest* m_manifest;
    ManifestChecker m_checker;
    ManifestEditor* m_editor;
    YamlView* m_diff;
    QStackedLayout* m_stack;
    Banner* m_banner;
    QLabel* m_state;
    QPushButton* m_apply;
    QPushButton* m_compare;
    QPushButton* m_reload;
    std::vector<Finding> m_problems;
    QString m_live;
    bool m_isLoaded = false;
    bool m_isProven = false; ///< The server's dry run accepted exactly this text.
};

} // namespace keelson::ui
